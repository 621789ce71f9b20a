"""The prescription: what is to be done at home, when, and what of it is done."""
