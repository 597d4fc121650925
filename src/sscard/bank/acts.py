"""All acts of the bank; importing them registers them at the door."""

# ruff: noqa: F401
from sscard.bank.acts_activate import Activate, activate, activate_by_two
from sscard.bank.acts_close import Close, CloseByHeirs, close, close_by_heirs
from sscard.bank.acts_death import ReportDeath, RevokeDeath, report_death, revoke_death
from sscard.bank.acts_idle import Reverify, Sweep, reverify, sweep
from sscard.bank.acts_loss import ReleaseLoss, ReportLoss, release_loss, report_loss
from sscard.bank.acts_money import Balance, Deposit, Withdraw, balance, deposit, withdraw
from sscard.bank.acts_open import OpenAccounts, open_accounts
from sscard.bank.acts_pin import PinReset, PinUnlock, pin_reset, pin_unlock
from sscard.bank.acts_replace import (
    ActivateReplacement,
    CompleteReplacement,
    ReplaceAccount,
    activate_replacement,
    complete_replacement,
    replace_account,
)
from sscard.bank.acts_restrict import Lift, Restrict, lift, restrict
from sscard.bank.customers_acts import (
    ChangeOnlinePassword,
    EndOnlineSession,
    StopOnline,
    change_password,
    end_session,
    stop,
)
from sscard.bank.customers_enrol import EnrolOnline, enrol_online
from sscard.bank.customers_notices import ReadNotices, read_notices
from sscard.bank.customers_passkeys import AddOnlinePasskey, RemoveOnlinePasskey
from sscard.bank.linked import charging as _linked_charging
from sscard.bank.linked import client as _linked_client
from sscard.bank.linked import keeping as _linked
from sscard.bank.opening import OpeningLine
from sscard.bank.savings.acts_settings import OwnLimit, SetSettings, set_settings
from sscard.bank.savings.authorise import Authorise, authorise
from sscard.bank.savings.clearing import ClearingIn, clearing_in
from sscard.bank.savings.close import InterestPaidUp, interest_paid_up
from sscard.bank.savings.interest import PayInterest, pay_interest
from sscard.bank.savings.order_steps import OrderStep, order_step
from sscard.bank.savings.orders import RecallTransfer, recall
from sscard.bank.savings.payee_check import CheckPayee, check_payee
from sscard.bank.savings.purchase import Buy, RefundPurchase, VoidPurchase, buy, refund, void
from sscard.bank.savings.recharge import Recharge, recharge
from sscard.bank.savings.returns import ReturnPayment, return_payment
from sscard.bank.savings.statement import Statement, statement_at_terminal
from sscard.bank.savings.transfer import Transfer, transfer
from sscard.bank.savings_opening.agree import SavingsAgree, SavingsHandOver, SavingsPaper, SavingsSign
from sscard.bank.savings_opening.apply import SavingsBegin, SavingsChoose, SavingsForm, SavingsWhere, SavingsWithdraw
from sscard.bank.savings_opening.identify import SavingsIdentify
