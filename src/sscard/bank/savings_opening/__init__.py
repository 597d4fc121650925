"""Opening the savings function of a card: the seven steps of document 004, as one case that goes from stage to stage.

* `function`  has this card the savings function, which bank offers what, how far the case is (ACT-5, ACT-10)
* `states`    the stages and steps as a table
* `papers`    which papers are needed, not needed, and why
* `apply`     steps 1 to 4: papers, bank, place, form
* `identify`  step 5: the ID compared
* `agree`     steps 6 and 7: agreement on paper or signed electronically, hand-over
* `case`      the case's row: loading, advancing, answering
* `phone`     the phone agent's question, answered to those only who know enough

What is done with the money afterwards lives in `bank.savings`.
"""
