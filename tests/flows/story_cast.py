"""Who and what the one story is about: the people of the example organisation, their channels and accounts."""

KARIN, ANNA, OMAR, EMILY = "Karin Ek", "Anna Lind", "Omar Haddad", "Emily Clarke"
LENA, PER, MARIA, JONAS, SOFIA = "Lena Strand", "Per Holm", "Maria Berg", "Jonas Falk", "Sofia Nordin"
NILS = "Nils Dahl"
EVERYBODY = (KARIN, ANNA, OMAR, EMILY, LENA, PER, MARIA, JONAS, SOFIA, NILS)
LIBRARY, STUDENTS, OFFICE = "#biblioteket-sociala-medier", "#studentservice-sociala-medier", "#kommunikation"
WORLD = "#international-social-media"
CHANNELS = {
    LIBRARY: (KARIN, ANNA), STUDENTS: (OMAR, KARIN), OFFICE: (MARIA, JONAS), WORLD: (EMILY,),
}  # fmt: skip

OUTSIDE = "<!channel> <@U0000000X> @here https://evil.example <b>& *hej*</b>"
INSTAGRAM, FACEBOOK = "Biblioteket på Instagram", "Biblioteket på Facebook"
BLUESKY = "Biblioteket på Bluesky"
STUDENT_INSTAGRAM = "Studentservice på Instagram"
LINKEDIN = "Lärosätet på LinkedIn"
