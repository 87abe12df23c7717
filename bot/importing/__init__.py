"""A register in a table, as spreadsheets write it: read, judged against the register that there is, and written back.

Pure: text in, a plan out. Whoever reads bytes, saves or asks is elsewhere.
"""
