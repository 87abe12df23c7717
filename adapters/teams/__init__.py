"""Teams: a receiver, a renderer and a sender. The only package that knows botbuilder, and all of it stays here."""
