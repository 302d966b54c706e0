"""The procedure of a playbook on one page: who does what, until when, and which event shows that it was done."""
