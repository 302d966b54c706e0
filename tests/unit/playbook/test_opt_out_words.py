"""Opt-out words: which texts offer one as an answer, and which only show the way out."""

import pytest

from cadence.playbook.opt_out_words import opt_out_offers

OFFERED = """
Reply YES to confirm or CANCEL to cancel.
Reply CANCEL to cancel
reply cancel to cancel
Text END when you are done.
text "END" to finish
Answer QUIT if you changed your mind.
Answer with QUIT
Reply with the word CANCEL.
reply 'cancel' and we will call you
Reply C to confirm, CANCEL to cancel.
YES/CANCEL
Reply Y or CANCEL
Reply STOP to reschedule.
To reschedule, reply STOP.
Reply YES or STOP to cancel your appointment
REPLY CANCEL TO CANCEL
Please respond END.
Txt QUIT
reply yes to confirm or cancel to cancel
Reply “Cancel” to cancel the visit
If you want to change the time, reply STOP
Reply: CANCEL
Options: YES to book, END to close
Send CANCEL back to me
Reply UNSUBSCRIBE to move your appointment
CANCEL to cancel, C to confirm
Reply CANCEL
reply revoke
Can't make it? Text CANCEL.
Reply *CANCEL* to cancel
Reply CANCEL, we will rebook
Reply CONFIRM or CANCEL
Text back CANCEL to cancel
Does 9 AM work? Reply YES, or QUIT to skip.
Reply STOPALL to reschedule
"""

HARMLESS = """
Reply STOP to opt out.
Reply STOP to opt out
Text STOP to end.
Reply STOP to unsubscribe
Text STOP to stop these texts.
Reply HELP for help, STOP to opt out.
Reply STOP to cancel.
Reply STOP to end messages
Reply STOP, END, CANCEL, UNSUBSCRIBE or QUIT to opt out.
To opt out, reply STOP.
Txt STOP to quit
Reply STOP if you don't want more texts.
Reply STOP any time.
Reply UNSUBSCRIBE to leave this list
We will cancel the old quote for you.
We'll text you by the end of the week.
I will text end of day.
Text me at the end of the day
Reply to this text to reschedule or cancel.
Call or text us to cancel.
Need to cancel or move it? Just reply here.
Your warranty does not end there.
We never quit on a leak!
Stop by our showroom; reply with a good time.
Don't stop reading: reply to get a quote
The cancellation fee is waived, and we can cancel any time.
Want us to stop by? Reply YES.
reply to stop the leak today?
I'll send end-of-year pricing.
Answer by the end of Friday and the price holds.
Send us a photo or cancel the visit at no charge.
No answer needed, or cancel to keep your deposit.
Reply YES to confirm or NO to cancel.
Reply 1 to confirm, 2 to cancel.
End of story. Reply YES.
From start to end, we write end to end plans.
Or stop in to see us
Talk to you soon, reply STOP to opt out
Reply YES to keep it. Msg rates apply; STOP to opt out.
Txt STOP2END
Reply STOP and I won't text again.
To cancel your appointment, call us. Reply STOP to opt out.
Reply YES to book, or STOP to opt out.
The backend crew sends quitclaim papers.
"""


@pytest.mark.parametrize("phrase", OFFERED.strip().splitlines())
def test_a_word_the_carrier_takes_as_an_opt_out_is_found_where_it_is_offered(phrase):
    offers = opt_out_offers(phrase)
    assert offers
    start, end, word = offers[0]
    assert phrase[start:end] == word


@pytest.mark.parametrize("phrase", HARMLESS.strip().splitlines())
def test_the_way_out_and_plain_prose_are_left_alone(phrase):
    assert opt_out_offers(phrase) == []
