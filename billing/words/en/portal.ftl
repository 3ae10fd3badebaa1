### Dates and times

date = { $month } { $day }, { $year }
date-month = { $month } { $year }
date-day = { $month } { $day }
date-period = { $from } to { $to }
deadline = { $date }, { $time } { $zone }
time-am = { $clock } AM
time-pm = { $clock } PM
month-january = January
month-february = February
month-march = March
month-april = April
month-may = May
month-june = June
month-july = July
month-august = August
month-september = September
month-october = October
month-november = November
month-december = December
weekday-monday = Monday
weekday-tuesday = Tuesday
weekday-wednesday = Wednesday
weekday-thursday = Thursday
weekday-friday = Friday
weekday-saturday = Saturday
weekday-sunday = Sunday
nth-1 = first
nth-2 = second
nth-3 = third
nth-4 = fourth
nth-5 = fifth
hours-all = { $parts }, { $zone }
hours-days = { $first } to { $last }, { $from } to { $to }
hours-day = every { $day }, { $from } to { $to }
hours-nth = on the { $nth } { $day } of each month, { $from } to { $to }
zone-eastern = Eastern time
zone-central = Central time
zone-mountain = Mountain time
zone-pacific = Pacific time
zone-alaska = Alaska time
zone-hawaii = Hawaii time

### Refusals: sign-in and registration

refusal-email-missing = Enter your e-mail address.
refusal-sign-in-wrong = The e-mail address or the password is not right. Check both and try again. If you have forgotten the password, you can make a new one.
refusal-password-missing = Enter a password.
refusal-password-too-short = Use at least 15 characters. A few words that do not belong together are easy to remember.
refusal-password-too-long = Use at most 128 characters.
refusal-password-about-you = This password is mostly your name, your number or words about us. Use other words.
refusal-password-too-common = This password is easy to guess. Use words that do not belong together.
refusal-code-missing = Enter the code.
refusal-code-wrong = This code is not right. Check it and try again.
refusal-link-dead = This link does not work any more. Links work once, for 30 minutes. Ask for a new one.
refusal-registration-over = This code does not work any more. Codes work once, for 30 minutes. Start again to get a new one.
refusal-mrn-missing = Enter your medical record number. It is on your member card.
refusal-mrn-unclear = A medical record number has 8 to 12 digits. Enter it as it is on your member card.
refusal-birth-date-missing = Enter your date of birth.
refusal-birth-date-unclear = Enter your date of birth as month, day and year, like 01/31/1980.
refusal-birth-date-day-first = Put the month first. If you mean { $reading }, enter it that way.
refusal-birth-date-impossible = There is no such date. Enter your date of birth as month, day and year, like 01/31/1980.
refusal-birth-date-future = This date has not come yet. Enter your date of birth.
refusal-birth-date-too-early = This date is too long ago. Check the year.

### Refusals: review by two people

refusal-review-no-reason = Say why. The reason stands in the record for good.
refusal-review-card-number = A card number may not stand in the record. Leave it out.
refusal-review-two-people = Two different people have to decide this.
refusal-review-not-here = A payment in the state { $state } cannot be decided this way.
refusal-review-posted = This payment's money is in the ledger. It can only become settled, voided or returned.
refusal-review-undone = This payment's money has gone back once. It cannot go back again.

### Refusals: any form

refusal-other = Something is wrong with this answer. Check it and try again.
refusal-card-number = This looks like a card number. Take it out. Card numbers are typed only on the payment company's own page.
refusal-amount-empty = Enter the amount you want to pay.
refusal-amount-not-a-number = Enter the amount in numbers, like 85.40.
refusal-amount-negative = Enter an amount greater than zero.
refusal-amount-zero = Enter an amount greater than zero.
refusal-amount-too-precise = Enter the amount in dollars and cents, with at most two decimals.
refusal-amount-too-large = This amount is too large. Enter a smaller amount.
refusal-amount-unclear = We are not sure which amount you mean. If you mean { $reading }, enter it that way.
refusal-method-missing = Choose how you want to pay: with a card or from a bank account.
refusal-history-date-wrong = We could not read this date. Enter it as year, month, day, like 2026-01-31. We show all payments until then.
refusal-history-date-order = The first day is after the last day. We show all payments until you change it.

### Overview

overview-title = Home
overview-owes-nothing = You owe nothing.
overview-owes-one = You owe { $first }.
overview-owes-two = You owe { $first } for { $what } and { $second } for { $also }.
overview-owes-three = You owe { $first } for { $what }, { $second } for { $also } and { $third } for { $last }.
overview-for-premium = your premium
overview-for-medical = medical care
overview-for-pharmacy = medicine
overview-next-due = The next due date is { $date }.
overview-past-due = The oldest due date was { $date }.
overview-still-here = You can still pay here.
overview-on-its-way = Your payment is on its way. You do not need to do anything now.
overview-nothing-lead = When a new bill comes, you will see it here.
overview-unfinished-lead = A payment of yours is not finished. Go on with it or stop it.
overview-unsure-lead = We are still checking a payment. You do not need to do anything now.
overview-confirming-title = Please do not pay twice
overview-confirming = We are still checking a payment of { $amount }. Please do not pay it again.
overview-confirming-link = See that payment
unfinished-title = Your payment is not finished
unfinished = Your payment of { $amount } for { $bill } waits on the payment company's page.
unfinished-link = Go on with it or stop it
sent-back = Your payment of { $amount } for { $bill } did not reach us in the end. The bill is open again.
sent-back-link = See why, and what you can do
overview-needs = Needs you now
overview-needs-none = Nothing needs you now.
overview-coming = Coming up
overview-coming-none = Nothing is coming up. Bills and payments that have a date ahead show here.
overview-coming-bill = { $bill } is due
overview-coming-final = Pending bank payment for { $bill }: expected to be final
overview-done = Done lately
overview-done-none = No payments yet. When you pay online, by phone, by mail or in person, you will see it here.
overview-done-all = All payments
overview-balances = What you owe
overview-balances-note = Each kind is kept apart. Money for one never pays another unless you say so.
overview-credit = You have a credit of { $amount } for { $what }. It stays yours until it is used, and nothing uses it by itself yet. At the foot of this page you see whom to ask about it.
overview-balance-open = { $count ->
    [0] No open bills
    [one] 1 open bill
   *[other] { $count } open bills
}

### Bills

bills-title = Your bills
bills-lead = Every bill we sent you, newest first.
bills-filter-kind = Kind
bills-filter-all-kinds = All kinds
bills-filter-show = Show
bills-filter-all = Open and paid
bills-filter-open = Open
bills-filter-paid = Paid
bills-list = Bills
bills-none = No bills yet. When a bill comes, you will see it here.
bills-none-filtered = No bills fit this choice.
bills-none-all = See all bills
bills-owed-of = of { $amount } billed to you
bills-issued-on = Sent { $date }
bill-reference = { $kind } { $number }
kind-short-premium = Premium
kind-short-medical = Medical
kind-short-pharmacy = Pharmacy
kind-premium-bill = Premium bill
kind-medical-bill = Medical bill
kind-pharmacy-bill = Pharmacy bill
bill-lead-owed = You owe { $amount }. It is due by { $when }.
bill-lead-past-due = You owe { $amount }. It was due by { $when }.
bill-lead-still-here = You can still pay it here.
bill-lead-part-pending = You owe { $amount }. A payment for this bill is not final yet, so only the rest can be paid now.
bill-lead-pending-posted = Your payment came in. Your bank has not confirmed it yet. Nothing more is needed now.
bill-lead-pending-underway = You owe { $amount }. A payment for it is on its way. Please do not pay again.
bill-lead-unfinished = You owe { $amount }. Your payment for it is not finished yet.
bill-lead-unsure = You owe { $amount }. We do not know yet whether your payment for it was taken. Please do not pay again.
bill-lead-paid = This bill is paid. Nothing is left to pay.
bill-lead-nothing-owed = You do not owe anything on this bill.
bill-plan-covered = Your plan paid { $amount }.
bill-pay-part = Pay part of it
bill-how = How { $from } became { $to }
bill-how-note = Each bar starts where the one above it ends.
bill-how-opens = Each amount opens what is behind it.
bill-step-billed-medical = Billed by your care team
bill-step-billed-pharmacy = Billed by the pharmacy
bill-step-billed-premium = Full price
bill-step-discount = Plan discount
bill-step-plan-paid = Your plan paid
bill-step-paid-before = Paid before this bill
bill-step-due = This bill
bill-step-payments = You paid
bill-step-owed = You owe
bill-step-share = { $percent }% of the amount billed
bill-as-table = See it as a table
bill-table-step = Step
bill-table-amount = Amount
bill-minus = minus
bill-not-stated = The source of this bill does not say what was billed at first, so we show only your part.
bill-lines = What it was for
bill-lines-premium = What it is made of
bill-lines-none = This bill has no single lines.
bill-line-on = on { $date }
bill-line-for = for { $person }
bill-line-quantity = quantity { $quantity }
bill-line-sums = How this line adds up
bill-line-premium = Premium
bill-line-credit = Advance premium tax credit
bill-line-fee = Fee
bill-line-billed = Billed
bill-line-discount = Plan discount
bill-line-plan-paid = Your plan paid
bill-line-owed = Your share
bill-share-deductible = Deductible: what you pay before your plan shares the cost
bill-share-copay = Copay: your fixed price for this care
bill-share-coinsurance = Coinsurance: your part of the cost
bill-share-other = Your part
bill-lines-total = This bill
bill-people = Who is covered
bill-relation-subscriber = holds the plan
bill-relation-spouse = spouse or partner
bill-relation-child = child
bill-relation-other = family member
bill-facts = About this bill
bill-fact-member = Billed to
bill-fact-number = Bill number
bill-fact-kind = Kind
bill-fact-provider = Care by
bill-fact-period = Month covered
bill-fact-service = Days of care
bill-fact-filled = Filled
bill-fact-unit = Billing unit ID
bill-fact-issued = Sent
bill-fact-due = Due
bill-payments = Payments for this bill
bill-payments-none = No payments for this bill yet.
bill-questions = Questions about this bill
bill-wrong = Does something look wrong? Have the bill number ready. We will look at it with you.
ways-title = Other ways to pay
ways-title-only = How to pay
ways-mail = By mail
ways-mail-note = Send a check or money order. Write the bill number on it. Mail can be slow or get lost, so send it at least 10 days before the due date.
ways-mail-unknown = Use the address printed on the paper bill we sent you.
ways-phone = By phone
ways-phone-note = Choose your language, then say “bill payment”. Have your medical record number ready.
ways-phone-note-premium = Choose your language, then say “premiums”. Have your billing unit ID ready. It is on your statement.
ways-rep-open = They answer now.
ways-rep-closed = They are closed now. They answer again { $when }.
ways-rep-closed-now = They are closed now.
ways-in-person = In person
ways-in-person-note = At the Member Services desk of a plan facility.
ways-tty = TTY { $number }
ways-online-handoff = In your region this bill is paid on another site. You leave this portal, and your payment shows here after that site tells us about it.
ways-online-handoff-link = Go to { $site }
ways-online-contact = In your region this bill cannot be paid online. These ways work:
ways-phone-unknown = Use the phone number printed on the paper bill we sent you.
line-premiums = Automated line for premiums
line-all-bills = Automated line for all bills
line-member-services = Member Services: people answer
line-representative = Say “representative” to reach a person.
ask-bill = Call the billing office. Its phone number is printed on the paper bill we sent you.
ask-premium = Call the phone number printed on your monthly statement.
ask-any = Call the phone number printed on your paper bill or on your monthly statement.
ask-automated = This line takes payments by itself. For questions, use the number on your statement.

### Pay

pay-title = How much do you want to pay?
pay-crumb = Pay
pay-for = For
pay-owed-now = You owe
pay-owed-since = { $amount }. It was due by { $when }
pay-owed-by = { $amount } by { $when }
pay-ready = Have ready: your card, or the routing and account numbers of your bank account (at the bottom of a check). You type them on the payment company's own page, never here.
pay-amount = Amount
pay-amount-hint = In dollars and cents, like 85.40. You can pay all of it or a part.
pay-amount-hint-left = In dollars and cents, like 85.40. A payment for this bill is not final yet. Only the rest can be paid now.
pay-method = What do you want to pay with?
pay-method-card = Card
pay-method-card-hint = Debit or credit. Most often we know right away if it worked.
pay-method-bank = Bank account
pay-method-bank-hint = It counts as paid today. It stays pending until your bank confirms it, most often within 4 business days.
pay-reading = You pay { $amount }.
pay-reading-left = Then { $amount } is left on this bill.
pay-reading-too-much = That is more than can be paid now. The most is { $amount }.
pay-what-happens = What happens next
pay-next-check = Next you check everything. Nothing is paid before that.
pay-next-part-late = If you pay a part, the rest stays open and past due.
pay-next-part = If you pay a part, the rest stays due by { $when }.
pay-next-cancel = You can take the payment back until { $when }.
pay-check-button = Check my payment
pay-back = Back to the bill
pay-nothing-owed = There is nothing to pay on this bill now.
pay-elsewhere-title = This bill is paid another way
pay-elsewhere = { $amount } can be paid on it now.
pay-nothing-lead = It is paid.
pay-nothing-unfinished = Your payment for it is not finished. You can go on with it or stop it.
pay-nothing-unsure = We do not know yet whether your payment for it was taken. Please do not pay again.
pay-nothing-underway = A payment for it is on its way. Please do not pay again.
pay-see-bill = See the bill
pay-step-amount = Amount
pay-step-check = Check
pay-step-bank = Pay
pay-step-done = Done
refusal-already-underway = A payment for all that is owed is already on its way. Please do not pay again. No money was taken now.
refusal-below-floor = The smallest payment here is { $least }. No money was taken.
refusal-cancel-not-yet = We are still checking this payment, so it cannot be taken back just now. Try again when we have the answer.
refusal-looks-alike = You made a payment like this one minutes ago. Look at it first. If you want to pay again, say so below.
refusal-nothing-owed = Nothing is owed on this bill now. No money was taken.
refusal-more-than-owed = That is more than can be paid on this bill now. The most is { $most }. No money was taken.
refusal-bill-changed = This bill changed while you were on the page. Look at the amount again before you pay. No money was taken.
refusal-not-online = This bill cannot be paid here. See the other ways below. No money was taken.
refusal-too-late-to-cancel = The time to take this payment back is over. Further down this page you see whom to ask.

### Payment

payment-check-title = Check before you pay
payment-undo-title = How to undo it
payment-check-pay = You pay
payment-check-for = For
payment-check-with = With
payment-with-new-card = A card. You type its number on the payment company's page. We never see it.
payment-with-new-bank = A bank account. You type its numbers on the payment company's page. We never see them.
payment-check-owed = You owe now
payment-check-left = Left after this payment
payment-check-left-late = Still open. It was due by { $when }
payment-check-left-due = Still due by { $when }
payment-check-final = When it is final
payment-final-card = Right after you pay on the next page. We settle it with the payment company in a few days.
payment-final-bank = It counts as paid today. It is final when your bank confirms it, most often within 4 business days.
payment-check-undo = Take it back
payment-check-undo-until = Free of cost until { $when }
payment-check-next = The button takes you to the payment company's own page. You pay there and come back here for your receipt.
payment-check-change = Change it
payment-check-leave = Do not pay now
payment-gateway-title = Your payment is not finished yet
payment-gateway-lead = We have not heard of a payment yet. Your payment of { $amount } waits on the payment company's page.
payment-gateway-back = Did you already pay there? Then do not pay again. Press the button below, and we ask.
payment-gateway-button = Go on to pay { $amount }
payment-returned-title = We are asking the payment company
payment-returned-lead = If you paid { $amount } on its page, you do not need to do more. Please do not pay again.
payment-returned-not = If you did not pay there, you can go on or stop this payment.
payment-check-again = Check again
payment-confirming-title = We are confirming your payment
payment-confirming-lead = We do not know yet whether your { $amount } was taken. Please do not pay again.
payment-confirming-by = We will have the answer by { $when } and will write to you.
payment-confirming-late = This takes longer than it should. We keep asking and will write to you. Please do not pay again.
payment-confirming-page = You can close this page. It also looks again by itself.
payment-confirming-quiet = Do not look again by itself
payment-confirming-waiting = This page does not look again by itself now. Use the button.
payment-alike-title = You already made a payment like this one
payment-alike-lead = You paid { $amount } on { $when }.
payment-alike-not-sent = This second payment has not been sent. No money was taken for it.
payment-alike-begun-title = You already started a payment like this one
payment-alike-begun = You started to pay { $amount } on { $when }. That payment is not finished, and no money was taken for it.
payment-alike-begun-see = No, go on with the first payment
payment-alike-unsure = You sent { $amount } on { $when }. We do not know yet whether it was taken.
payment-alike-first = The first payment
payment-alike-see = No, show me the first payment
payment-alike-yes = Yes, pay { $amount } as well
payment-alike-stop = Stop this second payment
payment-received-title = We received { $amount }.
payment-pending-title = Your payment of { $amount } is pending.
payment-settled-title = Your payment of { $amount } is final.
payment-left-none = Nothing is left on this bill.
payment-left-some = { $amount } is left on this bill. It is due by { $when }.
payment-left-some-past = { $amount } is left on this bill. It was due by { $when }.
payment-left-then = { $amount } was left on this bill after this payment.
payment-pending-lead = It counts as paid today. Your bank must still confirm it. If your bank sends it back, the bill is open again and we will write to you.
payment-mailed = We also send this receipt to the e-mail address in your profile.
payment-mailed-pending = We also send this receipt to the e-mail address in your profile. We will write again when the payment is final, or if your bank sends it back.
payment-receipt = Receipt
payment-number = Receipt number
payment-number-none = Not given yet
payment-amount = Amount
payment-paid-to = Where it went
payment-paid-credit = Your credit
payment-paid-rest-credit = The rest was more than the bill. It is kept as your credit.
payment-method = Paid with
payment-payer = Paid by
payment-started-by = Started by
payment-started-at = Started
payment-ended-at = Ended
payment-received-at = Received
payment-posted-at = Posted to the bill
payment-settled-on = Settled
payment-settled-by = Not yet. Expected by { $date }
payment-settled-not = Not yet
payment-effective-on = Counts from
payment-left = Left on the bill
payment-undo-until = You can take this payment back, free of cost, until { $when }.
payment-undo-after = After that, ask what is still possible, and have the receipt number ready:
payment-undo-after-foot = After that, ask what is still possible: whom to call stands at the foot of this page. Have the receipt number ready.
payment-pay-rest = Pay the rest: { $amount }
payment-undo-card = The whole amount goes back to your card.
payment-undo-bank = We stop the debit before it reaches your bank.
payment-undo-button = Take back { $amount }
payment-undo-late = The time to take it back here is over. Ask what is still possible, and have the receipt number ready.
payment-takeback-title = Take this payment back?
payment-takeback-lead = { $amount } will not count any more, and this bill is open again: { $bill }.
payment-takeback-due = What it paid is owed again, due by { $when }.
payment-takeback-past = What it paid is owed again, and past due since { $when }.
payment-takeback-keep = Keep the payment
payment-next = What happens next
payment-trail = Where this money went, step by step
payment-see-bill = See the bill
payment-see-history = All payments
payment-declined-title = No money was taken.
payment-declined-lead = Your payment of { $amount } did not go through. The bill is as it was.
payment-decline-insufficient-funds = Your bank says there was not enough money in the account. You can use another card or account, or pay a smaller part.
payment-decline-do-not-honour = Your bank said no and gave no reason. Call the number on your card, or use another one.
payment-decline-expired-card = The card has run out. Use a newer card or another way to pay.
payment-decline-wrong-details = A number did not match what your bank has. Check the card or account numbers and try again.
payment-decline-lost-or-stolen = Your bank does not let this card pay. Call the number on the card, or use another one.
payment-decline-limit = The payment is above a limit your bank set. Call your bank, pay a smaller part, or use another card.
payment-decline-fraud = Your bank stopped this payment to protect you. Call the number on your card, then try again.
payment-decline-closed-account = Your bank says this account is closed. Use another account or a card.
payment-decline-try-later = Your bank could not answer just now. Try again in a few minutes.
payment-decline-other = Your bank said no. Try another card or account, or call your bank.
payment-try-again = Try again
payment-try-smaller = Pay { $amount } another way
payment-cancelled-title = This payment is cancelled.
payment-cancelled-never = No money was taken. The bill is as it was.
payment-cancelled-back-card = The full { $amount } goes back to your card. Your bank may take a few days to show it.
payment-cancelled-back-bank = The debit of { $amount } was stopped. Your bank account is not charged.
payment-expired-title = This payment ran out of time.
payment-expired-lead = Before we closed it, we asked the payment company. It told us that it took no money for this payment.
payment-expired-doubt = Do you think you paid? Then press “Check again” first, before you pay once more.
payment-expired-again = Start a new payment
payment-not-taken-title = No money was taken.
payment-not-taken-lead = Something on our side went wrong, and your payment of { $amount } never started. We are sorry. The bill is as it was.
payment-returned-bank-title = Your bank sent this payment back.
payment-returned-bank-lead = Your { $amount } did not reach us in the end. The bill is open again.
payment-return-R01 = Your bank says there was not enough money in the account. You can pay again when there is.
payment-return-R09 = Your bank says the money in the account was not ready to use yet. You can pay again when it is.
payment-return-R02 = Your bank says the account is closed. Please use another account or a card.
payment-return-R03 = Your bank found no such account. Please use another account or a card.
payment-return-R04 = The account number was not right. Please use another account or a card.
payment-return-stop = Your bank says this debit was not allowed by the account's owner. Please use another way to pay. Further down you see whom to ask.
payment-return-other = Your bank gave the code { $code }. Please use another way to pay. Further down you see whom to ask.
payment-review-title = Our staff is looking at this payment.
payment-review-lead = What we know about your { $amount } does not fit together yet. Please do not pay again. Two people check it and we will write to you within one business day.
payment-help = Questions about this payment
method-card = card
method-bank = bank account
method-check = check
method-cash = cash
method-card-ending = { $brand } card ending { $last4 }
method-any-card-ending = card ending { $last4 }
method-bank-ending = bank account ending { $last4 }
channel-web = online
channel-phone = by phone
channel-rep = with Member Services
channel-mail = by mail
channel-desk = in person
channel-autopay = autopay
channel-guest = by a guest
payment-state-created = not sent
payment-state-at-gateway = not finished
payment-state-confirming = being confirmed
payment-state-received = received
payment-state-pending = pending
payment-state-settled = settled
payment-state-declined = declined
payment-state-cancelled = cancelled
payment-state-expired = ran out of time
payment-state-not-taken = not taken
payment-state-returned = sent back by the bank
payment-state-review = being checked by staff
payment-state-disputed = disputed

### History

history-title = Your payments
history-lead = Every payment we know of: online, by phone, with Member Services, by mail and in person.
history-lead-limited = Every medical and pharmacy payment we know of, and the premium payments that can be seen online in your region.
history-from = From
history-to = To
history-kind = Kind
history-show = Show these
history-clear = Show all
history-total = Total paid
history-total-range = Total paid, { $from } to { $to }
history-total-since = Total paid since { $date }
history-total-until = Total paid up to { $date }
history-total-note = Counts what we received and what did not go back. Payments that are not final yet count too.
history-limit-title = Premium payments, { $region }
history-limit-closed = They cannot be seen online yet. This page, its total and the file leave them out. We keep every one of them.
history-limit-since = This page, its total and the file hold those we received from { $date } on. We keep the older ones too.
history-limit-ways = Ways of paying that are included: { $shown }. Not included, though we keep them too: { $others }.
history-total-limited = Counts only the payments this page shows.
history-csv = Download as a table (CSV)
csv-received-on = received_on
csv-posted-on = posted_on
csv-settled-on = settled_on
csv-effective-on = effective_on
csv-amount-usd = amount_usd
csv-state = state
csv-bill-kind = bill_kind
csv-bill-number = bill_number
csv-channel = channel
csv-method = method
csv-brand = brand
csv-last4 = last4
csv-receipt-number = receipt_number
csv-payment-id = payment_id
history-list = Payments
history-none = No payments yet. When you pay in any way, you will see it here.
history-none-limited = There are no payments to show here.
history-none-filtered = No payments fit this choice.
history-none-all = See all payments
history-settled-on = settled { $date }
history-of = Payments of { $name }
history-letter-title = A letter for you
history-letter = Do you need a letter with your payments, or one for your taxes? Ask for it, for any dates you need.

### Money trail

trail-lead-rows = Each line adds to the sum. The last sum is the figure.
trail-lead-row = One money move makes this figure.
trail-lead-source = This figure was read from where it stands. No money was moved for it.
trail-lead-both = Money that moved, and what is ordered or read besides. The last sum is the figure.
trail-lead-nothing = Nothing has moved here, so the figure is zero.
trail-rows = Step by step
trail-later = What came of it later
trail-later-note = These moves are not part of the sum.
trail-payment = This payment
trail-this-bill = this bill
figure-owed = What you owe for { $what }
figure-credit = Your credit for { $what }
figure-bill-owed = Left to pay: { $bill }
figure-bill-payable = What can be paid now: { $bill }
figure-bill-due = What you were asked to pay: { $bill }
figure-bill-paid = What you paid: { $bill }
figure-bill-underway = Payments on their way: { $bill }
figure-bill-provisional = Payments that are not final: { $bill }
figure-bill-billed = What was billed at first: { $bill }
figure-bill-discount = Plan discount: { $bill }
figure-bill-plan-paid = What your plan paid: { $bill }
figure-bill-paid-before = Paid before: { $bill }
figure-payment = Your payment: { $bill }
figure-applied = Your payment to this bill: { $bill }
figure-credited = Kept as your credit: { $bill }
figure-after = Left after your payment: { $bill }
figure-line-owed = Your share
figure-line-billed = Billed
figure-line-discount = Plan discount
figure-line-plan-paid = Your plan paid
figure-line-deductible = Deductible
figure-line-copay = Copay
figure-line-coinsurance = Coinsurance
source-line = A line of the bill
source-document = The bill itself
source-order = A payment you asked for. No money has moved for it yet
source-nothing = Nothing
source-eob = Explanation of benefits { $reference }
source-eob-line = Explanation of benefits { $reference }, line { $line }
source-claim = Claim { $reference }
source-claim-line = Claim { $reference }, line { $line }
source-bill = Bill { $number }
source-rate = Rates for { $year }, { $region }: { $whose }
source-rate-subscriber = who holds the plan
source-rate-spouse = spouse or partner
source-rate-child = child
source-rate-exchange = tax credit by the exchange
source-rate-other = family member
posting-charge = A bill asked for money
posting-payment = A payment came in
posting-payment-cancelled = A payment was taken back
posting-payment-returned = The bank sent a payment back
posting-return-fee = A fee for a payment sent back
posting-settle = The money reached the bank
posting-return-paid = Money went back to the payer's bank
account-card-in-transit = card money on its way
account-ach-in-transit = bank money on its way
account-mail-in-transit = mailed money on its way
account-desk-in-transit = money paid at the desk
account-bank = the plan's bank
account-suspense = money not matched yet
account-premium-revenue = premiums
account-medical-revenue = medical care
account-pharmacy-revenue = pharmacy
account-fee-income = fees
account-write-off = let go by the plan
account-losses = losses of the plan
account-gateway-fees = the payment company's fee
account-premium = what you owe for your premium
account-medical = what you owe for medical care
account-pharmacy = what you owe for medicine
account-fee = what you owe in fees
account-premium-credit = your premium credit
account-medical-credit = your medical credit
account-pharmacy-credit = your pharmacy credit
account-unapplied = your money not used yet
account-disputed = money in dispute
account-refund-reserve = set aside for your refund
trail-title = What makes this figure
trail-from-to = From { $from } to { $to }
trail-received = Received
trail-posted = Posted
trail-settled = Settled
trail-effective = Counts from
trail-not-yet = not yet
trail-sent-back = sent back { $date }
trail-taken-back = taken back { $date }
trail-running = Sum so far
trail-posting = Posting { $number }
trail-total = Total
trail-source = Where it was read
trail-see-bill = See the bill
trail-see-payment = See the payment
trail-note = Each move takes money from one place to another, so every cent can be followed. A mistake is never erased. It is set right by a new move.

### Shell

site-name = Member billing
skip = Skip to the main part
title-refused = Please check: { $title }
demo-band = This is a demo. Nobody here is real and no money moves.
menu-label = Main menu
menu-home = Home
menu-bills = Bills
menu-payments = Payments
menu-profile = Profile
sign-out = Sign out
crumbs-label = Where you are
steps-label = Steps
pager-label = More of this list
pager-start = Back to the start
pager-next = Next page
print = Print this page
print-as-of = As of { $date }
copy = Copy
copied = Copied
amount-help = Opens what makes this amount.
foot-questions = Questions?
foot-ready = Have your medical record number ready. For a premium, also the billing unit ID printed on your statement.
visit-end = If you do nothing, you are signed out at { $time } { $zone }.
visit-longer = Stay signed in (new tab)
visit-longer-button = Stay signed in
visit-warning = You will be signed out in less than two minutes, because nothing was done here. What you typed stays on this page.
visit-warning-last = You will be signed out in less than two minutes: a visit lasts 12 hours at most. Finish now, or sign in again afterwards.
visit-over = Your visit has ended. Nothing more was sent from this page. What you typed stays here, and when you send it we ask you to sign in first.
stay-title = You are still signed in
stay-text = You can close this tab and go on where you were.
stay-ended-text = Your visit has ended. Sign in to go on.
refusals-title = Please check this

language-title = Language
language-text = Choose the language of these pages.
language-mail = We write to you in it, too.
sign-in = Sign in

### Signing in

field-email = E-mail
field-password = Password
field-new-password = New password
field-new-password-hint = At least 15 characters. Four or more words of your own are easy to remember and hard to guess.
field-code = Code
sign-in-title = Sign in
sign-in-next-bills = Sign in to go on to your bills.
sign-in-next-bill = Sign in to go on to your bill.
sign-in-next-pay = Sign in to go on to paying your bill.
sign-in-next-payments = Sign in to go on to your payments.
sign-in-next-payment = Sign in to go on to your payment.
sign-in-next-explain = Sign in to see what makes an amount.
sign-in-next-profile = Sign in to go on to your profile.
sign-in-ready = Have ready: the e-mail address you registered with, and your password.
sign-in-forgot = Forgot your password?
sign-in-first-time = First time here?
sign-in-register = Register with your medical record number
sign-in-other-ways = You can also pay by phone: call the number printed on your bill.
sign-in-ended = Your visit has ended
sign-in-ended-text = Since it ended, nothing was sent and no money was taken. Sign in to go on where you were.
sign-in-ended-kept = Your form came too late to be read, so no money was taken by it. Sign in, and it comes back as you filled it in.
sign-in-signed-out = You are signed out
sign-in-signed-out-text = This browser no longer keeps the pages of your account. Files you saved stay on this device.
kept-title = Your form is back
kept-text = Nothing was sent yet. Look it over and send it again.

### Registering

register-title = Register
register-lead = Have two things ready: your medical record number and your date of birth. We then send a code to the e-mail address we have for you.
register-mrn = Medical record number
register-mrn-hint = 8 to 12 digits, on your member card and on every bill. Spaces do not matter.
register-birth-date = Date of birth
register-birth-date-hint = Month, day and year, for example 4/27/1985
register-send = Send me a code
register-known = Registered already?
register-step-who = Who you are
register-step-password = Code and password
register-finish-title = Enter your code and choose a password
register-finish-lead = If what you entered fits a member, we have just sent a code to the e-mail address we have on file. It is good for 30 minutes.
register-finish-none = No e-mail after a few minutes? Look in your spam folder. Maybe we have no address for you, or another one: then call the number printed on your bill.
register-code-hint = From the e-mail. You can leave out the space.
register-finish-send = Finish and sign in
register-again = Start again
register-over-title = This code is no longer good
register-over-text = It was used, it is older than 30 minutes, or it was asked for in another browser. Please start again.

### Forgotten password

reset-title = Forgot your password?
reset-lead = Enter the e-mail address you sign in with. We mail you a link to choose a new password.
reset-ready = Have your e-mail at hand: the link is good for 30 minutes.
reset-send = Mail me a link
reset-back = Back to sign in
reset-sent-title = Look in your mail
reset-sent-lead = If there is an account with this address, we have just sent a link to it. The link is good for 30 minutes.
reset-sent-code = Keep this code. The page behind the link asks for it.
reset-sent-code-text = We never mail this code and never ask for it by phone. It is only on this page.
reset-sent-none = No e-mail after a few minutes? Look in your spam folder, or call the number printed on your bill.
reset-again = Ask for a new link
reset-link-title = Choose a new password
reset-link-lead = You need the code that was shown where you asked for the link.
reset-link-code = Code
reset-link-code-hint = It was on the page “Look in your mail”, not in the e-mail.
reset-link-send = Save my new password
reset-over-title = This code is no longer good
reset-over-text = It was used, it is older than 30 minutes, or it was asked for in another browser. Please ask for a new link.
reset-done-title = Your new password is saved
reset-done-text = For your safety you are signed out everywhere else. We have sent you an e-mail about it.
reset-done-next = Sign in with your new password

### Profile

profile-title = Your profile
profile-who = Who you are
profile-name = Name
profile-region = Region
profile-reach = How we reach you
profile-email-none = We have no e-mail address for you
profile-reach-note = You sign in with this address, and receipts go to it.
profile-change = To change your name, date of birth or e-mail
profile-change-note = Please call. We ask a few questions first, to be sure it is you.
profile-security = Signing in
profile-password = Change your password
profile-password-lead = Enter the e-mail address you sign in with. We mail you a link to choose a new password, so we know it is you.
profile-password-back = Back to your profile
profile-since = Signed in since
profile-until = Signed out by itself
profile-everywhere = Sign out everywhere
profile-everywhere-note = Ends your visits on every phone and computer, here too. Useful when you have lost one.
region-nca = Northern California
region-sca = Southern California
region-co = Colorado
region-ga = Georgia
region-hi = Hawaii
region-mas = Maryland and Virginia
region-or_swwa = Oregon and Southwest Washington
region-wa = Washington

### Bills in short

bill-title-premium = Premium for { $month }
bill-title-visit = Visit on { $date }
bill-title-care = Care from { $from } to { $to }
bill-title-pharmacy = Pharmacy, { $date }
bill-status-nothing-owed = nothing to pay
bill-status-paid = paid
bill-status-pending = payment pending
bill-status-due = due { $date }
bill-status-past-due = past due since { $date }
bill-pay = Pay { $amount }
bill-how-to-pay-label = How to pay { $bill }
bill-pay-label = Pay { $amount } for { $bill }

### The desk

desk-title = The staff desk
desk-closed = The desk opens with a later version of this portal. Until then nothing can be done here.
desk-members = Are you a member? Your bills and payments are here:
desk-reps = Do you work for the plan? Go on with the tools you have. Call your supervisor if a member's question cannot wait.

### Answers without a page of their own

answer-home = Go to your overview
answer-reference = If you call us, give this number:
answer-signed-out = Please sign in
answer-signed-out-text = This page is for you alone, so we need to know it is you.
answer-forbidden = We did not take this form
answer-forbidden-text = No money was taken. The form did not come from our own page, so we did not read it. Please open the page again and send it from there.
answer-not-found = We cannot find this page
answer-not-found-text = The address may have a mistake in it, or the page is not yours to see. Nothing has changed on your account.
answer-conflict = This form does not fit any more
answer-conflict-text = No money was taken by it. Something was already sent with this form, or someone else signed in since you opened it. Please look at your payments before you try again.
answer-stale = Something changed meanwhile
answer-stale-text = No money was taken. What you saw when you opened the form is no longer up to date. Please open the bill again and look at the new amount.
answer-too-large = That was too much at once
answer-too-large-text = No money was taken. The form was longer than we can read.
answer-too-many = Please wait a little
answer-too-many-text = This try took no money. There were too many tries in a short time. Please wait a few minutes and try again.
answer-unavailable = We are very busy right now
answer-unavailable-text = No money was taken by this page. Please try again in a minute. If you were paying, look at your payments first.
answer-unreadable = We could not read this form
answer-unreadable-text = No money was taken. Please open the page again and fill it in once more.
answer-card = This looks like a card number
answer-card-text = No money was taken, and we kept nothing of what you typed. Card numbers are typed only on the payment page you are sent to after you have checked your answers. Please go back and take the number out.
answer-fault = Something went wrong on our side
answer-fault-text = We have written it down and will look at it. If you were paying, please do not pay again before you have looked at your payments.

### Claims files

refusal-unknown-region = There is no region with this key.

### The payment company's page

# Names no service and no person: others may read it there.
gateway-page-description = Payment of a bill

### Mail

mail-footer =
    This message comes from { $site }, to the address your health plan has for you. We never ask for a password, a code or a card number by mail or by phone.
mail-receipt-subject = Your receipt
mail-receipt =
    We have received your payment of { $amount }.

    { $pending ->
        [yes] A bank payment stays pending until your bank has settled it. We write to you when it is final, or if it comes back.
       *[no] You do not have to do anything else.
    }

    Receipt number: { $number }
    Paid to: { $parts }
    Paid with: { $method }
    Paid by: { $payer }
    Received: { $received }
    Posted to the bill: { $posted }
    Settled: { $settled }
    Left on the bill after this payment: { $left }

    How to undo it: { $undo }

    Your receipt:

    { $link }
mail-receipt-part = bill { $bill }, { $amount }
mail-receipt-part-credit = your credit with us, { $amount }
mail-receipt-moved-on = This payment has changed since we received it. Its page says how.
mail-payment-settled-subject = Your payment is final
mail-payment-settled =
    Your bank has settled your payment of { $amount } for bill { $bill }. Receipt number { $number }.

    Your receipt:

    { $link }
mail-payment-returned-subject = Your payment came back
mail-payment-returned =
    Your bank has returned your payment of { $amount } for bill { $bill }. Receipt number { $number }. The bill is open again.

    What you can do now:

    { $link }
mail-payment-cancelled-subject = Your payment was cancelled
mail-payment-cancelled =
    Your payment of { $amount } for bill { $bill } was cancelled. No money is kept. Receipt number { $number }.

    The payment:

    { $link }
mail-payment-not-taken-subject = Your payment was not taken
mail-payment-not-taken =
    We said that we would write to you about your payment of { $amount } for bill { $bill }. Now we know: no money was taken. What this payment was for is still open on the bill, unless you paid it in another way.

    What you can do now:

    { $link }
mail-reset-subject = Make a new password
mail-reset =
    Somebody, we hope you, asked for a new password. Open this page and enter the code that was shown where you asked:

    { $link }

    The link works once, for 30 minutes. If it was not you, you do not have to do anything: without the code nobody can use it.
mail-password-changed-subject = Your password was changed
mail-password-changed =
    Your password was changed just now, and you were signed out everywhere.

    If it was not you, make a new password at once, and call the number on your member card:

    { $link }
mail-register-subject = Your code
mail-register =
    Enter this code where you are registering:

    { $code }

    The code works once, for 30 minutes. If you are not registering, you do not have to do anything.
mail-registered-already-subject = You are registered already
mail-registered-already =
    Somebody, we hope you, tried to register with your medical record number. You have an account already. Sign in with your e-mail address and your password.

    If you have forgotten the password, make a new one here:

    { $link }
mail-registered-subject = You are registered
mail-registered =
    You are registered. From now on you can sign in with your e-mail address and your password:

    { $link }

    If it was not you, call the number on your member card.
mail-signed-in-new-device-subject = A new sign-in
mail-signed-in-new-device =
    Somebody signed in to your account from a browser we did not know: { $when }.

    If it was you, you do not have to do anything. If it was not you, make a new password at once. That signs everybody out:

    { $link }

### Regions

hours-always = Open day and night
feature-premium-online-handoff = In your region, premiums are paid on another site, by phone or by mail.
feature-autopay-handoff = In your region, automatic payments are set up on another site.
feature-number-on-statement = Please call the number on your monthly statement.
feature-member-services = Please ask Member Services.
feature-paperless-infosend = In your region, bills without paper are set up with Infosend.
feature-paperless-off = In your region, bills come on paper by mail.
feature-bill-ready-off = In your region, your bill comes by mail. We cannot tell you yet when it is ready.
feature-status-notices-off = In your region, we cannot send you news of your payments yet. Please call.
feature-notification-settings-off = In your region, these settings cannot be changed here yet. You can unsubscribe in any e-mail, answer STOP to any text, or ask Member Services.
feature-refund-request-off = In your region, a refund cannot be asked for here yet. Your credit stays on your account. Please call.
