### Dates and times

date = { $day } de { $month } de { $year }
date-month = { $month } de { $year }
date-day = { $day } de { $month }
date-period = { $from } al { $to }
deadline = { $date }, { $time }, { $zone }
time-am = { $clock } a. m.
time-pm = { $clock } p. m.
month-january = enero
month-february = febrero
month-march = marzo
month-april = abril
month-may = mayo
month-june = junio
month-july = julio
month-august = agosto
month-september = septiembre
month-october = octubre
month-november = noviembre
month-december = diciembre
weekday-monday = lunes
weekday-tuesday = martes
weekday-wednesday = miércoles
weekday-thursday = jueves
weekday-friday = viernes
weekday-saturday = sábado
weekday-sunday = domingo
nth-1 = primer
nth-2 = segundo
nth-3 = tercer
nth-4 = cuarto
nth-5 = quinto
hours-all = { $parts }, { $zone }
hours-days = de { $first } a { $last }, de { $from } a { $to }
hours-day = cada { $day }, de { $from } a { $to }
hours-nth = el { $nth } { $day } de cada mes, de { $from } a { $to }
zone-eastern = hora del Este
zone-central = hora del Centro
zone-mountain = hora de la Montaña
zone-pacific = hora del Pacífico
zone-alaska = hora de Alaska
zone-hawaii = hora de Hawái

### Refusals: sign-in and registration

refusal-email-missing = Escriba su dirección de correo electrónico.
refusal-sign-in-wrong = La dirección de correo electrónico o la contraseña no es correcta. Revise las dos e inténtelo de nuevo. Si olvidó la contraseña, puede crear una nueva.
refusal-password-missing = Escriba una contraseña.
refusal-password-too-short = Use al menos 15 caracteres. Unas cuantas palabras que no tengan relación entre sí son fáciles de recordar.
refusal-password-too-long = Use 128 caracteres como máximo.
refusal-password-about-you = Esta contraseña es casi solo su nombre, su número o palabras sobre nosotros. Use otras palabras.
refusal-password-too-common = Esta contraseña es fácil de adivinar. Use palabras que no tengan relación entre sí.
refusal-code-missing = Escriba el código.
refusal-code-wrong = Este código no es correcto. Revíselo e inténtelo de nuevo.
refusal-link-dead = Este enlace ya no funciona. Los enlaces funcionan una sola vez, durante 30 minutos. Pida uno nuevo.
refusal-registration-over = Este código ya no funciona. Los códigos funcionan una sola vez, durante 30 minutos. Empiece de nuevo para recibir otro.
refusal-mrn-missing = Escriba su número de historia clínica. Está en su tarjeta de miembro.
refusal-mrn-unclear = El número de historia clínica tiene de 8 a 12 dígitos. Escríbalo como está en su tarjeta de miembro.
refusal-birth-date-missing = Escriba su fecha de nacimiento.
refusal-birth-date-unclear = Escriba su fecha de nacimiento como mes, día y año, por ejemplo 01/31/1980.
refusal-birth-date-day-first = Ponga primero el mes. Si es { $reading }, escríbala así.
refusal-birth-date-impossible = Esa fecha no existe. Escriba su fecha de nacimiento como mes, día y año, por ejemplo 01/31/1980.
refusal-birth-date-future = Esta fecha todavía no ha llegado. Escriba su fecha de nacimiento.
refusal-birth-date-too-early = Esta fecha es de hace demasiado tiempo. Revise el año.

### Refusals: review by two people

refusal-review-no-reason = Diga por qué. El motivo queda en el registro para siempre.
refusal-review-card-number = Un número de tarjeta no puede quedar en el registro. Quítelo.
refusal-review-two-people = Dos personas distintas tienen que decidir esto.
refusal-review-not-here = Un pago en el estado { $state } no se puede decidir así.
refusal-review-posted = El dinero de este pago está en el libro mayor. Solo puede quedar liquidado, anulado o devuelto.
refusal-review-undone = El dinero de este pago ya se devolvió una vez. No se puede devolver de nuevo.

### Refusals: any form

refusal-other = Hay un problema con esta respuesta. Revísela e inténtelo de nuevo.
refusal-card-number = Esto parece un número de tarjeta. Quítelo. Los números de tarjeta se escriben solo en la página de la empresa de pagos.
refusal-amount-empty = Escriba la cantidad que quiere pagar.
refusal-amount-not-a-number = Escriba la cantidad con números, por ejemplo 85.40.
refusal-amount-negative = Escriba una cantidad mayor que cero.
refusal-amount-zero = Escriba una cantidad mayor que cero.
refusal-amount-too-precise = Escriba la cantidad en dólares y centavos, con dos decimales como máximo.
refusal-amount-too-large = Esta cantidad es demasiado grande. Escriba una cantidad menor.
refusal-amount-unclear = No estamos seguros de qué cantidad quiere decir. Si es { $reading }, escríbala así.
refusal-method-missing = Elija cómo quiere pagar: con tarjeta o desde una cuenta bancaria.
refusal-history-date-wrong = No pudimos leer esta fecha. Escríbala como año, mes y día, por ejemplo 2026-01-31. Mientras tanto mostramos todos los pagos.
refusal-history-date-order = El primer día es posterior al último. Mostramos todos los pagos hasta que lo cambie.

### Overview

overview-title = Inicio
overview-owes-nothing = Usted no debe nada.
overview-owes-one = Usted debe { $first }.
overview-owes-two = Usted debe { $first } por { $what } y { $second } por { $also }.
overview-owes-three = Usted debe { $first } por { $what }, { $second } por { $also } y { $third } por { $last }.
overview-for-premium = su prima
overview-for-medical = atención médica
overview-for-pharmacy = medicinas
overview-next-due = La próxima fecha de pago es el { $date }.
overview-past-due = La fecha de pago más antigua fue el { $date }.
overview-still-here = Todavía puede pagar aquí.
overview-on-its-way = Su pago está en camino. No tiene que hacer nada ahora.
overview-nothing-lead = Cuando llegue una factura nueva, la verá aquí.
overview-unfinished-lead = Un pago suyo no está terminado. Siga con él o deténgalo.
overview-unsure-lead = Todavía estamos revisando un pago. No tiene que hacer nada ahora.
overview-confirming-title = Por favor, no pague dos veces
overview-confirming = Todavía estamos revisando un pago de { $amount }. Por favor, no lo pague otra vez.
overview-confirming-link = Ver ese pago
unfinished-title = Su pago no está terminado
unfinished = Su pago de { $amount } para { $bill } espera en la página de la empresa de pagos.
unfinished-link = Seguir con él o detenerlo
sent-back = Su pago de { $amount } para { $bill } al final no nos llegó. La factura está abierta otra vez.
sent-back-link = Ver por qué, y qué puede hacer
overview-needs = Necesita su atención
overview-needs-none = No hay nada que necesite su atención.
overview-coming = Lo que viene
overview-coming-none = No viene nada. Aquí verá las facturas y los pagos que tienen fecha.
overview-coming-bill = Se vence: { $bill }
overview-coming-final = Pago bancario pendiente de { $bill }: se espera que sea definitivo
overview-done = Hecho hace poco
overview-done-none = Todavía no hay pagos. Cuando pague en línea, por teléfono, por correo o en persona, lo verá aquí.
overview-done-all = Todos los pagos
overview-balances = Lo que debe
overview-balances-note = Cada tipo va por separado. El dinero de uno nunca paga otro, a menos que usted lo diga.
overview-credit = Tiene un saldo a favor de { $amount } por { $what }. Sigue siendo suyo hasta que se use, y por ahora nada lo usa automáticamente. Al pie de esta página verá a quién preguntar.
overview-balance-open = { $count ->
    [0] Ninguna factura abierta
    [one] 1 factura abierta
   *[other] { $count } facturas abiertas
}

### Bills

bills-title = Sus facturas
bills-lead = Todas las facturas que le enviamos, primero las más nuevas.
bills-filter-kind = Tipo
bills-filter-all-kinds = Todos los tipos
bills-filter-show = Mostrar
bills-filter-all = Abiertas y pagadas
bills-filter-open = Abiertas
bills-filter-paid = Pagadas
bills-list = Facturas
bills-none = Todavía no hay facturas. Cuando llegue una, la verá aquí.
bills-none-filtered = Ninguna factura coincide con lo que eligió.
bills-none-all = Ver todas las facturas
bills-owed-of = de { $amount } a su cargo
bills-issued-on = Enviada el { $date }
bill-reference = { $kind } { $number }
kind-short-premium = Prima
kind-short-medical = Médica
kind-short-pharmacy = Farmacia
kind-premium-bill = Factura de la prima
kind-medical-bill = Factura médica
kind-pharmacy-bill = Factura de farmacia
bill-lead-owed = Usted debe { $amount }. Se vence el { $when }.
bill-lead-past-due = Usted debe { $amount }. Se venció el { $when }.
bill-lead-still-here = Todavía puede pagar aquí.
bill-lead-part-pending = Usted debe { $amount }. Un pago de esta factura todavía no es definitivo, así que ahora solo puede pagar el resto.
bill-lead-pending-posted = Recibimos su pago. Su banco todavía no lo ha confirmado. No tiene que hacer nada más por ahora.
bill-lead-pending-underway = Usted debe { $amount }. Hay un pago en camino. Por favor, no pague otra vez.
bill-lead-unfinished = Usted debe { $amount }. Su pago todavía no está terminado.
bill-lead-unsure = Usted debe { $amount }. Todavía no sabemos si su pago se cobró. Por favor, no pague otra vez.
bill-lead-paid = Esta factura está pagada. No queda nada por pagar.
bill-lead-nothing-owed = Usted no debe nada en esta factura.
bill-plan-covered = Su plan pagó { $amount }.
bill-pay-part = Pagar una parte
bill-how = Cómo { $from } pasó a ser { $to }
bill-how-note = Cada barra empieza donde termina la de arriba.
bill-how-opens = Cada cantidad abre lo que hay detrás.
bill-step-billed-medical = Lo que facturó su equipo médico
bill-step-billed-pharmacy = Lo que facturó la farmacia
bill-step-billed-premium = Precio completo
bill-step-discount = Descuento del plan
bill-step-plan-paid = Lo que pagó su plan
bill-step-paid-before = Pagado antes de esta factura
bill-step-due = Esta factura
bill-step-payments = Lo que usted pagó
bill-step-owed = Lo que debe
bill-step-share = { $percent } % de lo facturado
bill-as-table = Verlo como tabla
bill-table-step = Paso
bill-table-amount = Cantidad
bill-minus = menos
bill-not-stated = El origen de esta factura no dice cuánto se facturó al principio. Por eso mostramos solo su parte.
bill-lines = Qué incluye
bill-lines-premium = De qué se compone
bill-lines-none = Esta factura no tiene partidas.
bill-line-on = el { $date }
bill-line-for = para { $person }
bill-line-quantity = cantidad { $quantity }
bill-line-sums = Cómo se suma esta partida
bill-line-premium = Prima
bill-line-credit = Crédito fiscal anticipado para la prima
bill-line-fee = Cargo
bill-line-billed = Facturado
bill-line-discount = Descuento del plan
bill-line-plan-paid = Lo que pagó su plan
bill-line-owed = Su parte
bill-share-deductible = Deducible: lo que usted paga antes de que su plan comparta el costo
bill-share-copay = Copago: su precio fijo por esta atención
bill-share-coinsurance = Coseguro: su parte del costo
bill-share-other = Su parte
bill-lines-total = Esta factura
bill-people = Quién está cubierto
bill-relation-subscriber = titular del plan
bill-relation-spouse = cónyuge o pareja
bill-relation-child = hija o hijo
bill-relation-other = familiar
bill-facts = Datos de esta factura
bill-fact-member = A nombre de
bill-fact-number = Número de factura
bill-fact-kind = Tipo
bill-fact-provider = Atendido por
bill-fact-period = Mes cubierto
bill-fact-service = Días de atención
bill-fact-filled = Surtido
bill-fact-unit = Número de unidad de facturación (en su estado de cuenta: billing unit ID)
bill-fact-issued = Enviada
bill-fact-due = Se vence
bill-payments = Pagos de esta factura
bill-payments-none = Todavía no hay pagos de esta factura.
bill-questions = Preguntas sobre esta factura
bill-wrong = ¿Algo no se ve bien? Tenga a mano el número de factura. Lo revisamos con usted.
ways-title = Otras formas de pagar
ways-title-only = Cómo pagar
ways-mail = Por correo
ways-mail-note = Envíe un cheque o un giro postal. Escriba en él el número de factura. El correo puede tardar o perderse: envíelo al menos 10 días antes de la fecha de pago.
ways-mail-unknown = Use la dirección impresa en la factura en papel que le enviamos.
ways-phone = Por teléfono
ways-phone-note = Elija su idioma y diga “pago de facturas”. Tenga a mano su número de historia clínica.
ways-phone-note-premium = Elija su idioma y diga “primas”. Tenga a mano su número de unidad de facturación. Está en su estado de cuenta.
ways-rep-open = Atienden ahora.
ways-rep-closed = Ahora está cerrado. Vuelven a atender el { $when }.
ways-rep-closed-now = Ahora está cerrado.
ways-in-person = En persona
ways-in-person-note = En el mostrador de Servicio a los Miembros de un centro del plan.
ways-tty = TTY { $number }
ways-online-handoff = En su región esta factura se paga en otro sitio. Usted sale de este portal. Su pago aparece aquí cuando ese sitio nos avisa.
ways-online-handoff-link = Ir a { $site }
ways-online-contact = En su región esta factura no se puede pagar en línea. Puede pagar así:
ways-phone-unknown = Use el número de teléfono impreso en la factura en papel que le enviamos.
line-premiums = Línea automática para primas
line-all-bills = Línea automática para todas las facturas
line-member-services = Servicio a los Miembros: atienden personas
line-representative = Diga “representante” para hablar con una persona.
ask-bill = Llame a la oficina de facturación. Su número de teléfono está impreso en la factura en papel que le enviamos.
ask-premium = Llame al número de teléfono impreso en su estado de cuenta mensual.
ask-any = Llame al número de teléfono impreso en su factura en papel o en su estado de cuenta mensual.
ask-automated = Esta línea recibe pagos por sí sola. Para preguntas, use el número de su estado de cuenta.

### Pay

pay-title = ¿Cuánto quiere pagar?
pay-crumb = Pagar
pay-for = Por
pay-owed-now = Usted debe
pay-owed-since = { $amount }. Se venció el { $when }
pay-owed-by = { $amount }, con vencimiento el { $when }
pay-ready = Tenga a mano: su tarjeta, o los números de ruta y de cuenta de su banco (al pie de un cheque). Los escribe en la página de la empresa de pagos, nunca aquí.
pay-amount = Cantidad
pay-amount-hint = En dólares y centavos, con punto, como 85.40. Puede pagar todo o una parte.
pay-amount-hint-left = En dólares y centavos, con punto, como 85.40. Un pago de esta factura todavía no es definitivo. Ahora solo puede pagar el resto.
pay-method = ¿Con qué quiere pagar?
pay-method-card = Tarjeta
pay-method-card-hint = De débito o de crédito. Casi siempre sabemos enseguida si funcionó.
pay-method-bank = Cuenta bancaria
pay-method-bank-hint = Cuenta como pagado hoy. Queda pendiente hasta que su banco lo confirme, casi siempre en 4 días hábiles.
pay-reading = Usted paga { $amount }.
pay-reading-left = Después quedan { $amount } en esta factura.
pay-reading-too-much = Es más de lo que se puede pagar ahora. Lo máximo es { $amount }.
pay-what-happens = Qué pasa después
pay-next-check = Primero revisa todo. Antes de eso no se paga nada.
pay-next-part-late = Si paga una parte, el resto sigue abierto y vencido.
pay-next-part = Si paga una parte, el resto se vence el { $when }.
pay-next-cancel = Puede anular el pago hasta el { $when }.
pay-check-button = Revisar mi pago
pay-back = Volver a la factura
pay-nothing-owed = Ahora no hay nada que pagar en esta factura.
pay-elsewhere-title = Esta factura se paga de otra forma
pay-elsewhere = Ahora puede pagar { $amount } de ella.
pay-nothing-lead = Está pagada.
pay-nothing-unfinished = Su pago de esta factura no está terminado. Puede seguir con él o detenerlo.
pay-nothing-unsure = Todavía no sabemos si su pago de esta factura se cobró. Por favor, no pague otra vez.
pay-nothing-underway = Hay un pago en camino. Por favor, no pague otra vez.
pay-see-bill = Ver la factura
pay-step-amount = Cantidad
pay-step-check = Revisar
pay-step-bank = Pagar
pay-step-done = Listo
refusal-already-underway = Ya hay un pago en camino por todo lo que se debe. Por favor, no pague otra vez. Ahora no se cobró nada.
refusal-below-floor = El pago más pequeño aquí es { $least }. No se cobró nada.
refusal-cancel-not-yet = Todavía estamos revisando este pago, así que ahora no se puede anular. Inténtelo cuando tengamos la respuesta.
refusal-looks-alike = Hace unos minutos hizo un pago como este. Mírelo primero. Si quiere pagar otra vez, dígalo abajo.
refusal-nothing-owed = Ahora no se debe nada en esta factura. No se cobró nada.
refusal-more-than-owed = Es más de lo que se puede pagar ahora en esta factura. Lo máximo es { $most }. No se cobró nada.
refusal-bill-changed = Esta factura cambió mientras usted estaba en la página. Mire la cantidad otra vez antes de pagar. No se cobró nada.
refusal-not-online = Esta factura no se puede pagar aquí. Vea abajo las otras formas. No se cobró nada.
refusal-too-late-to-cancel = Ya pasó el plazo para anular este pago. Más abajo en esta página verá a quién preguntar.

### Payment

payment-check-title = Revise antes de pagar
payment-undo-title = Cómo anularlo
payment-check-pay = Usted paga
payment-check-for = Por
payment-check-with = Con
payment-with-new-card = Una tarjeta. Escribe su número en la página de la empresa de pagos. Nosotros nunca lo vemos.
payment-with-new-bank = Una cuenta bancaria. Escribe sus números en la página de la empresa de pagos. Nosotros nunca los vemos.
payment-check-owed = Debe ahora
payment-check-left = Queda después de este pago
payment-check-left-late = Sigue abierto. Se venció el { $when }
payment-check-left-due = Se vence el { $when }
payment-check-final = Cuándo es definitivo
payment-final-card = En cuanto paga en la página siguiente. Lo liquidamos con la empresa de pagos en unos días.
payment-final-bank = Cuenta como pagado hoy. Es definitivo cuando su banco lo confirma, casi siempre en 4 días hábiles.
payment-check-undo = Anularlo
payment-check-undo-until = Sin costo hasta el { $when }
payment-check-next = El botón le lleva a la página de la empresa de pagos. Paga allí y vuelve aquí para ver su recibo.
payment-check-change = Cambiarlo
payment-check-leave = No pagar ahora
payment-gateway-title = Su pago todavía no está terminado
payment-gateway-lead = Todavía no sabemos de ningún cobro. Su pago de { $amount } espera en la página de la empresa de pagos.
payment-gateway-back = ¿Ya pagó allí? Entonces no pague otra vez. Use el botón de abajo y preguntamos.
payment-gateway-button = Seguir y pagar { $amount }
payment-returned-title = Estamos preguntando a la empresa de pagos
payment-returned-lead = Si pagó { $amount } en su página, no tiene que hacer nada más. Por favor, no pague otra vez.
payment-returned-not = Si no pagó allí, puede seguir o detener este pago.
payment-check-again = Volver a consultar
payment-confirming-title = Estamos confirmando su pago
payment-confirming-lead = Todavía no sabemos si se cobraron sus { $amount }. Por favor, no pague otra vez.
payment-confirming-by = Tendremos la respuesta a más tardar el { $when } y le escribiremos.
payment-confirming-late = Esto tarda más de lo normal. Seguimos preguntando y le escribiremos. Por favor, no pague otra vez.
payment-confirming-page = Puede cerrar esta página. También vuelve a consultar automáticamente.
payment-confirming-quiet = No volver a consultar automáticamente
payment-confirming-waiting = Ahora esta página no consulta automáticamente. Use el botón.
payment-alike-title = Usted ya hizo un pago como este
payment-alike-lead = Usted pagó { $amount } el { $when }.
payment-alike-not-sent = Este segundo pago no se ha enviado. No se cobró nada por él.
payment-alike-begun-title = Ya empezó un pago como este
payment-alike-begun = Usted empezó a pagar { $amount } el { $when }. Ese pago no está terminado, y no se cobró nada por él.
payment-alike-begun-see = No, seguir con el primer pago
payment-alike-unsure = Usted envió { $amount } el { $when }. Todavía no sabemos si se cobró.
payment-alike-first = El primer pago
payment-alike-see = No, muéstreme el primer pago
payment-alike-yes = Sí, pagar también { $amount }
payment-alike-stop = Detener este segundo pago
payment-received-title = Recibimos { $amount }.
payment-pending-title = Su pago de { $amount } está pendiente.
payment-settled-title = Su pago de { $amount } es definitivo.
payment-left-none = No queda nada en esta factura.
payment-left-some = Quedan { $amount } en esta factura. Se vencen el { $when }.
payment-left-some-past = Quedan { $amount } en esta factura. Se vencieron el { $when }.
payment-left-then = Después de este pago quedaban { $amount } en esta factura.
payment-pending-lead = Cuenta como pagado hoy. Su banco todavía debe confirmarlo. Si su banco lo devuelve, la factura se abre otra vez y le escribiremos.
payment-mailed = También enviamos este recibo a la dirección de correo electrónico de su perfil.
payment-mailed-pending = También enviamos este recibo a la dirección de correo electrónico de su perfil. Le escribiremos otra vez cuando sea definitivo o si su banco lo devuelve.
payment-receipt = Recibo
payment-number = Número de recibo
payment-number-none = Todavía no tiene
payment-amount = Cantidad
payment-paid-to = A dónde fue
payment-paid-credit = Su saldo a favor
payment-paid-rest-credit = El resto era más que la factura. Queda como saldo a su favor.
payment-method = Pagado con
payment-payer = Pagado por
payment-started-by = Empezado por
payment-started-at = Empezado
payment-ended-at = Terminado
payment-received-at = Recibido
payment-posted-at = Anotado en su factura
payment-settled-on = Liquidado
payment-settled-by = Todavía no. Se espera a más tardar el { $date }
payment-settled-not = Todavía no
payment-effective-on = Cuenta desde
payment-left = Queda en la factura
payment-undo-until = Puede anular este pago, sin costo, hasta el { $when }.
payment-undo-after = Después, pregunte qué es posible todavía, y tenga a mano el número de recibo:
payment-undo-after-foot = Después, pregunte qué es posible todavía: a quién llamar está al pie de esta página. Tenga a mano el número de recibo.
payment-pay-rest = Pagar el resto: { $amount }
payment-undo-card = La cantidad completa vuelve a su tarjeta.
payment-undo-bank = Detenemos el cobro antes de que llegue a su banco.
payment-undo-button = Anular { $amount }
payment-undo-late = Ya pasó el plazo para anularlo aquí. Pregunte qué se puede hacer todavía y tenga a mano el número de recibo.
payment-takeback-title = ¿Anular este pago?
payment-takeback-lead = { $amount } dejará de contar, y esta factura quedará abierta otra vez: { $bill }.
payment-takeback-due = Lo que pagó se deberá otra vez, con vencimiento el { $when }.
payment-takeback-past = Lo que pagó se deberá otra vez, vencido desde el { $when }.
payment-takeback-keep = Conservar el pago
payment-next = Qué pasa después
payment-trail = A dónde fue este dinero, paso a paso
payment-see-bill = Ver la factura
payment-see-history = Todos los pagos
payment-declined-title = No se cobró nada.
payment-declined-lead = Su pago de { $amount } no se pudo hacer. La factura sigue igual.
payment-decline-insufficient-funds = Su banco dice que no había suficiente dinero en la cuenta. Puede usar otra tarjeta u otra cuenta, o pagar una parte menor.
payment-decline-do-not-honour = Su banco dijo que no y no dio una razón. Llame al número de su tarjeta o use otra.
payment-decline-expired-card = La tarjeta ya se venció. Use una más nueva u otra forma de pagar.
payment-decline-wrong-details = Un número no coincide con lo que tiene su banco. Revise los números e inténtelo otra vez.
payment-decline-lost-or-stolen = Su banco no permite pagar con esta tarjeta. Llame al número de la tarjeta o use otra.
payment-decline-limit = El pago pasa un límite que puso su banco. Llame a su banco, pague una parte menor o use otra tarjeta.
payment-decline-fraud = Su banco detuvo este pago para protegerle. Llame al número de su tarjeta y luego inténtelo otra vez.
payment-decline-closed-account = Su banco dice que esta cuenta está cerrada. Use otra cuenta o una tarjeta.
payment-decline-try-later = Su banco no pudo contestar en este momento. Inténtelo otra vez en unos minutos.
payment-decline-other = Su banco dijo que no. Use otra tarjeta u otra cuenta, o llame a su banco.
payment-try-again = Intentarlo otra vez
payment-try-smaller = Pagar { $amount } de otra forma
payment-cancelled-title = Este pago está anulado.
payment-cancelled-never = No se cobró nada. La factura sigue igual.
payment-cancelled-back-card = Los { $amount } completos vuelven a su tarjeta. Su banco puede tardar unos días en mostrarlo.
payment-cancelled-back-bank = El cobro de { $amount } se detuvo. No se carga nada en su cuenta bancaria.
payment-expired-title = A este pago se le acabó el tiempo.
payment-expired-lead = Antes de cerrarlo preguntamos a la empresa de pagos. Nos dijo que no cobró nada por este pago.
payment-expired-doubt = ¿Cree que sí pagó? Entonces use primero “Volver a consultar”, antes de pagar de nuevo.
payment-expired-again = Empezar un pago nuevo
payment-not-taken-title = No se cobró nada.
payment-not-taken-lead = Algo falló de nuestro lado y su pago de { $amount } nunca empezó. Lo sentimos. La factura sigue igual.
payment-returned-bank-title = Su banco devolvió este pago.
payment-returned-bank-lead = Sus { $amount } al final no nos llegaron. La factura está abierta otra vez.
payment-return-R01 = Su banco dice que no había suficiente dinero en la cuenta. Puede pagar otra vez cuando lo haya.
payment-return-R09 = Su banco dice que el dinero de la cuenta todavía no se podía usar. Puede pagar otra vez cuando se pueda.
payment-return-R02 = Su banco dice que la cuenta está cerrada. Por favor, use otra cuenta o una tarjeta.
payment-return-R03 = Su banco no encontró esa cuenta. Por favor, use otra cuenta o una tarjeta.
payment-return-R04 = El número de cuenta no era correcto. Por favor, use otra cuenta o una tarjeta.
payment-return-stop = Su banco dice que el dueño de la cuenta no permitió este cobro. Por favor, pague de otra forma. Más abajo verá a quién preguntar.
payment-return-other = Su banco dio el código { $code }. Por favor, pague de otra forma. Más abajo verá a quién preguntar.
payment-review-title = Nuestro personal está revisando este pago.
payment-review-lead = Lo que sabemos de sus { $amount } todavía no concuerda. Por favor, no pague otra vez. Dos personas lo revisan y le escribiremos en un día hábil.
payment-help = Preguntas sobre este pago
method-card = tarjeta
method-bank = cuenta bancaria
method-check = cheque
method-cash = efectivo
method-card-ending = tarjeta { $brand } que termina en { $last4 }
method-any-card-ending = tarjeta que termina en { $last4 }
method-bank-ending = cuenta bancaria que termina en { $last4 }
channel-web = en línea
channel-phone = por teléfono
channel-rep = con Servicio a los Miembros
channel-mail = por correo
channel-desk = en persona
channel-autopay = pago automático
channel-guest = por otra persona
payment-state-created = sin enviar
payment-state-at-gateway = sin terminar
payment-state-confirming = por confirmar
payment-state-received = recibido
payment-state-pending = pendiente
payment-state-settled = liquidado
payment-state-declined = rechazado
payment-state-cancelled = anulado
payment-state-expired = se acabó el tiempo
payment-state-not-taken = no cobrado
payment-state-returned = devuelto por el banco
payment-state-review = en revisión
payment-state-disputed = en disputa

### History

history-title = Sus pagos
history-lead = Todos los pagos que conocemos: en línea, por teléfono, con Servicio a los Miembros, por correo y en persona.
history-lead-limited = Todos los pagos médicos y de farmacia que conocemos, y los pagos de primas que se pueden ver en línea en su región.
history-from = Desde
history-to = Hasta
history-kind = Tipo
history-show = Mostrar estos
history-clear = Mostrar todos
history-total = Total pagado
history-total-range = Total pagado, del { $from } al { $to }
history-total-since = Total pagado desde el { $date }
history-total-until = Total pagado hasta el { $date }
history-total-note = Cuenta lo que recibimos y no se devolvió. También cuentan los pagos que todavía no son definitivos.
history-limit-title = Pagos de primas, { $region }
history-limit-closed = Todavía no se pueden ver en línea. Esta página, su total y el archivo no los incluyen. Los conservamos todos.
history-limit-since = Esta página, su total y el archivo incluyen los que recibimos desde el { $date }. También conservamos los anteriores.
history-limit-ways = Formas de pago incluidas: { $shown }. No incluidas, aunque también las conservamos: { $others }.
history-total-limited = Cuenta solo los pagos que muestra esta página.
history-csv = Descargar como tabla (CSV)
csv-received-on = Recibido
csv-posted-on = Anotado
csv-settled-on = Liquidado
csv-effective-on = Cuenta desde
csv-amount-usd = Cantidad en dólares
csv-state = Estado
csv-bill-kind = Tipo
csv-bill-number = Número de factura
csv-channel = Cómo llegó
csv-method = Pagado con
csv-brand = Marca
csv-last4 = Últimos 4
csv-receipt-number = Número de recibo
csv-payment-id = Número del pago
history-list = Pagos
history-none = Todavía no hay pagos. Cuando pague, de cualquier forma, lo verá aquí.
history-none-limited = No hay pagos que mostrar aquí.
history-none-filtered = Ningún pago coincide con lo que eligió.
history-none-all = Ver todos los pagos
history-settled-on = liquidado el { $date }
history-of = Pagos de { $name }
history-letter-title = Una carta para usted
history-letter = ¿Necesita una carta con sus pagos, o una para sus impuestos? Pídala, para las fechas que necesite.

### Money trail

trail-lead-rows = Cada línea se suma. La última suma es la cantidad.
trail-lead-row = Un solo movimiento de dinero da esta cantidad.
trail-lead-source = Esta cantidad se leyó de donde está escrita. No se movió dinero por ella.
trail-lead-both = El dinero que se movió y lo que además se pidió o se leyó. La última suma es la cantidad.
trail-lead-nothing = Aquí no se ha movido nada. Por eso la cantidad es cero.
trail-rows = Paso a paso
trail-later = Qué pasó después
trail-later-note = Estos movimientos no entran en la suma.
trail-payment = Este pago
trail-this-bill = esta factura
figure-owed = Lo que debe por { $what }
figure-credit = Su saldo a favor por { $what }
figure-bill-owed = Queda por pagar: { $bill }
figure-bill-payable = Lo que puede pagar ahora: { $bill }
figure-bill-due = Lo que se le pidió pagar: { $bill }
figure-bill-paid = Lo que usted pagó: { $bill }
figure-bill-underway = Pagos en camino: { $bill }
figure-bill-provisional = Pagos que no son definitivos: { $bill }
figure-bill-billed = Lo que se facturó al principio: { $bill }
figure-bill-discount = Descuento del plan: { $bill }
figure-bill-plan-paid = Lo que pagó su plan: { $bill }
figure-bill-paid-before = Pagado antes: { $bill }
figure-payment = Su pago: { $bill }
figure-applied = Su pago a esta factura: { $bill }
figure-credited = Queda como saldo a su favor: { $bill }
figure-after = Queda después de su pago: { $bill }
figure-line-owed = Su parte
figure-line-billed = Facturado
figure-line-discount = Descuento del plan
figure-line-plan-paid = Lo que pagó su plan
figure-line-deductible = Deducible
figure-line-copay = Copago
figure-line-coinsurance = Coseguro
source-line = Una partida de la factura
source-document = La factura misma
source-order = Un pago que usted pidió. Todavía no se ha movido dinero
source-nothing = Nada
source-eob = Explicación de beneficios { $reference }
source-eob-line = Explicación de beneficios { $reference }, línea { $line }
source-claim = Reclamación { $reference }
source-claim-line = Reclamación { $reference }, línea { $line }
source-bill = Factura { $number }
source-rate = Tarifas de { $year }, { $region }: { $whose }
source-rate-subscriber = titular del plan
source-rate-spouse = cónyuge o pareja
source-rate-child = hija o hijo
source-rate-exchange = crédito fiscal por el mercado de seguros
source-rate-other = familiar
posting-charge = Una factura pidió dinero
posting-payment = Llegó un pago
posting-payment-cancelled = Se anuló un pago
posting-payment-returned = El banco devolvió un pago
posting-return-fee = Un cargo por un pago devuelto
posting-settle = El dinero llegó al banco
posting-return-paid = El dinero volvió al banco de quien pagó
account-card-in-transit = dinero de tarjeta en camino
account-ach-in-transit = dinero del banco en camino
account-mail-in-transit = dinero enviado por correo, en camino
account-desk-in-transit = dinero pagado en el mostrador
account-bank = el banco del plan
account-suspense = dinero todavía sin identificar
account-premium-revenue = primas
account-medical-revenue = atención médica
account-pharmacy-revenue = farmacia
account-fee-income = cargos
account-write-off = lo que el plan perdonó
account-losses = pérdidas del plan
account-gateway-fees = lo que cobra la empresa de pagos
account-premium = lo que debe por su prima
account-medical = lo que debe por atención médica
account-pharmacy = lo que debe por medicinas
account-fee = lo que debe en cargos
account-premium-credit = su saldo a favor de la prima
account-medical-credit = su saldo a favor médico
account-pharmacy-credit = su saldo a favor de farmacia
account-unapplied = su dinero todavía sin usar
account-disputed = dinero en disputa
account-refund-reserve = apartado para su reembolso
trail-title = De qué sale esta cantidad
trail-from-to = De { $from } a { $to }
trail-received = Recibido
trail-posted = Anotado
trail-settled = Liquidado
trail-effective = Cuenta desde
trail-not-yet = todavía no
trail-sent-back = devuelto el { $date }
trail-taken-back = anulado el { $date }
trail-running = Suma hasta aquí
trail-posting = Asiento { $number }
trail-total = Total
trail-source = Dónde se leyó
trail-see-bill = Ver la factura
trail-see-payment = Ver el pago
trail-note = Cada movimiento lleva dinero de un lugar a otro, así que se puede seguir cada centavo. Un error nunca se borra. Se corrige con un movimiento nuevo.

### Shell

site-name = Pagos de miembros
skip = Ir a la parte principal
title-refused = Revise esto: { $title }
demo-band = Esto es una demostración. Nadie aquí es real y no se mueve dinero.
menu-label = Menú principal
menu-home = Inicio
menu-bills = Facturas
menu-payments = Pagos
menu-profile = Perfil
sign-out = Salir
crumbs-label = Dónde está
steps-label = Pasos
pager-label = Más de esta lista
pager-start = Volver al principio
pager-next = Página siguiente
print = Imprimir esta página
print-as-of = Al { $date }
copy = Copiar
copied = Copiado
amount-help = Abre de qué se compone esta cantidad.
foot-questions = ¿Preguntas?
foot-ready = Tenga a mano su número de historia clínica. Para una prima, también el número de unidad de facturación impreso en su estado de cuenta.
visit-end = Si no hace nada, su sesión se cierra a las { $time }, { $zone }.
visit-longer = Mantener la sesión abierta (otra pestaña)
visit-longer-button = Mantener la sesión abierta
visit-warning = Su sesión se cerrará en menos de dos minutos porque no hubo actividad. Lo que escribió se queda en esta página.
visit-warning-last = Su sesión se cerrará en menos de dos minutos: dura 12 horas como máximo. Termine ahora o vuelva a entrar después.
visit-over = Su sesión terminó. No se envió nada más desde esta página. Lo que escribió se queda aquí; cuando lo envíe, primero le pediremos que entre.
stay-title = Su sesión sigue abierta
stay-text = Puede cerrar esta pestaña y continuar donde estaba.
stay-ended-text = Su sesión terminó. Entre para continuar.
refusals-title = Por favor, revise esto

language-title = Idioma
language-text = Elija el idioma de estas páginas.
language-mail = También le escribiremos en él.
sign-in = Entrar

### Signing in

field-email = Correo electrónico
field-password = Contraseña
field-new-password = Contraseña nueva
field-new-password-hint = Al menos 15 caracteres. Cuatro o más palabras suyas son fáciles de recordar y difíciles de adivinar.
field-code = Código
sign-in-title = Entrar
sign-in-next-bills = Entre para ver sus facturas.
sign-in-next-bill = Entre para ver su factura.
sign-in-next-pay = Entre para pagar su factura.
sign-in-next-payments = Entre para ver sus pagos.
sign-in-next-payment = Entre para ver su pago.
sign-in-next-explain = Entre para ver de qué sale una cantidad.
sign-in-next-profile = Entre para ver su perfil.
sign-in-ready = Tenga a mano: el correo electrónico con el que se registró y su contraseña.
sign-in-forgot = ¿Olvidó su contraseña?
sign-in-first-time = ¿Primera vez aquí?
sign-in-register = Regístrese con su número de historia clínica
sign-in-other-ways = También puede pagar por teléfono: llame al número impreso en su factura.
sign-in-ended = Su sesión terminó
sign-in-ended-text = Desde entonces no se envió nada ni se cobró nada. Entre para continuar donde estaba.
sign-in-ended-kept = Su formulario llegó tarde y no se leyó, así que con él no se cobró nada. Entre y volverá tal como lo llenó.
sign-in-signed-out = Ha salido de su cuenta
sign-in-signed-out-text = Este navegador ya no guarda las páginas de su cuenta. Los archivos que usted guardó siguen en este aparato.
kept-title = Su formulario está de vuelta
kept-text = Todavía no se envió nada. Revíselo y envíelo otra vez.

### Registering

register-title = Registrarse
register-lead = Tenga a mano dos cosas: su número de historia clínica y su fecha de nacimiento. Después enviamos un código a la dirección de correo electrónico que tenemos de usted.
register-mrn = Número de historia clínica
register-mrn-hint = De 8 a 12 dígitos, en su tarjeta de miembro y en cada factura. Los espacios no importan.
register-birth-date = Fecha de nacimiento
register-birth-date-hint = Mes, día y año, por ejemplo 4/27/1985
register-send = Enviarme un código
register-known = ¿Ya se registró?
register-step-who = Quién es usted
register-step-password = Código y contraseña
register-finish-title = Escriba su código y elija una contraseña
register-finish-lead = Si sus datos corresponden a un miembro, acabamos de enviar un código a la dirección de correo electrónico que tenemos. Vale 30 minutos.
register-finish-none = ¿Pasan unos minutos y no llega nada? Mire en el correo no deseado. Tal vez no tenemos su dirección o tenemos otra: entonces llame al número impreso en su factura.
register-code-hint = El del correo electrónico. Puede omitir el espacio.
register-finish-send = Terminar y entrar
register-again = Empezar otra vez
register-over-title = Este código ya no vale
register-over-text = Ya se usó, tiene más de 30 minutos o se pidió en otro navegador. Empiece otra vez, por favor.

### Forgotten password

reset-title = ¿Olvidó su contraseña?
reset-lead = Escriba el correo electrónico con el que entra. Le enviamos un enlace para elegir una contraseña nueva.
reset-ready = Tenga a mano su correo electrónico: el enlace vale 30 minutos.
reset-send = Enviarme un enlace
reset-back = Volver a la página de acceso
reset-sent-title = Mire su correo electrónico
reset-sent-lead = Si hay una cuenta con esta dirección, acabamos de enviarle un enlace. Vale 30 minutos.
reset-sent-code = Guarde este código. La página del enlace se lo pedirá.
reset-sent-code-text = Nunca enviamos este código por correo electrónico ni lo pedimos por teléfono. Solo está en esta página.
reset-sent-none = ¿Pasan unos minutos y no llega nada? Mire en el correo no deseado o llame al número impreso en su factura.
reset-again = Pedir otro enlace
reset-link-title = Elija una contraseña nueva
reset-link-lead = Necesita el código que se mostró donde pidió el enlace.
reset-link-code = Código
reset-link-code-hint = Estaba en la página “Mire su correo electrónico”, no en el mensaje.
reset-link-send = Guardar mi contraseña nueva
reset-over-title = Este código ya no vale
reset-over-text = Ya se usó, tiene más de 30 minutos o se pidió en otro navegador. Pida otro enlace, por favor.
reset-done-title = Su contraseña nueva está guardada
reset-done-text = Para su seguridad, se cerraron todas sus otras sesiones. Le enviamos un correo electrónico sobre esto.
reset-done-next = Entre con su contraseña nueva

### Profile

profile-title = Su perfil
profile-who = Quién es usted
profile-name = Nombre
profile-region = Región
profile-reach = Cómo le escribimos
profile-email-none = No tenemos su correo electrónico
profile-reach-note = Con esta dirección entra, y a ella van los recibos.
profile-change = Para cambiar su nombre, su fecha de nacimiento o su correo electrónico
profile-change-note = Por favor, llame. Antes le hacemos unas preguntas para estar seguros de que es usted.
profile-security = Acceso
profile-password = Cambiar su contraseña
profile-password-lead = Escriba el correo electrónico con el que entra. Le enviamos un enlace para elegir una contraseña nueva; así sabemos que es usted.
profile-password-back = Volver a su perfil
profile-since = Sesión abierta desde
profile-until = Se cierra por sí sola
profile-everywhere = Cerrar todas las sesiones
profile-everywhere-note = Cierra sus sesiones en todos los teléfonos y computadoras, también aquí. Útil si perdió alguno.
region-nca = Norte de California
region-sca = Sur de California
region-co = Colorado
region-ga = Georgia
region-hi = Hawái
region-mas = Maryland y Virginia
region-or_swwa = Oregón y suroeste de Washington
region-wa = Washington

### Bills in short

bill-title-premium = Prima de { $month }
bill-title-visit = Consulta del { $date }
bill-title-care = Atención del { $from } al { $to }
bill-title-pharmacy = Farmacia, { $date }
bill-status-nothing-owed = nada que pagar
bill-status-paid = pagada
bill-status-pending = pago pendiente
bill-status-due = se vence el { $date }
bill-status-past-due = vencida desde el { $date }
bill-pay = Pagar { $amount }
bill-how-to-pay-label = Cómo pagar: { $bill }
bill-pay-label = Pagar { $amount }: { $bill }

### The desk

desk-title = El mostrador del personal
desk-closed = El mostrador se abre con una versión posterior de este portal. Hasta entonces no se puede hacer nada aquí.
desk-members = ¿Es usted miembro? Sus facturas y pagos están aquí:
desk-reps = ¿Trabaja para el plan? Siga con las herramientas que tiene. Llame a su supervisor si la pregunta de un miembro no puede esperar.

### Answers without a page of their own

answer-home = Ir a su resumen
answer-reference = Si nos llama, dé este número:
answer-signed-out = Por favor, entre
answer-signed-out-text = Esta página es solo para usted, así que necesitamos saber que es usted.
answer-forbidden = No aceptamos este formulario
answer-forbidden-text = No se cobró nada. El formulario no vino de nuestra propia página, así que no lo leímos. Abra la página otra vez y envíelo desde allí.
answer-not-found = No encontramos esta página
answer-not-found-text = Puede que la dirección tenga un error o que esta página no sea para usted. Nada ha cambiado en su cuenta.
answer-conflict = Este formulario ya no sirve
answer-conflict-text = Con él no se cobró nada. Ya se envió algo con este formulario, o entró otra persona desde que lo abrió. Mire sus pagos antes de intentarlo otra vez.
answer-stale = Algo cambió entretanto
answer-stale-text = No se cobró nada. Lo que vio al abrir el formulario ya no está al día. Abra la factura otra vez y mire la nueva cantidad.
answer-too-large = Fue demasiado de una vez
answer-too-large-text = No se cobró nada. El formulario era más largo de lo que podemos leer.
answer-too-many = Espere un poco, por favor
answer-too-many-text = Con este intento no se cobró nada. Hubo demasiados intentos en poco tiempo. Espere unos minutos e inténtelo otra vez.
answer-unavailable = Ahora mismo tenemos mucha demanda
answer-unavailable-text = Esta página no cobró nada. Inténtelo otra vez en un minuto. Si estaba pagando, mire primero sus pagos.
answer-unreadable = No pudimos leer este formulario
answer-unreadable-text = No se cobró nada. Abra la página otra vez y llene el formulario de nuevo.
answer-card = Esto parece un número de tarjeta
answer-card-text = No se cobró nada, y no guardamos nada de lo que escribió. Los números de tarjeta se escriben solo en la página de pago a la que le enviamos después de revisar sus respuestas. Vuelva atrás y quite el número.
answer-fault = Algo falló de nuestro lado
answer-fault-text = Lo hemos anotado y lo revisaremos. Si estaba pagando, por favor no pague otra vez antes de mirar sus pagos.

### Claims files

refusal-unknown-region = No hay ninguna región con esta clave.

### The payment company's page

# Names no service and no person: others may read it there.
gateway-page-description = Pago de una factura

### Mail

mail-footer =
    Este mensaje viene de { $site }, a la dirección que su plan de salud tiene de usted. Nunca pedimos una contraseña, un código ni un número de tarjeta por correo ni por teléfono.
mail-receipt-subject = Su recibo
mail-receipt =
    Recibimos su pago de { $amount }.

    { $pending ->
        [yes] Un pago desde una cuenta bancaria queda pendiente hasta que su banco lo liquide. Le escribiremos cuando sea definitivo o si su banco lo devuelve.
       *[no] No tiene que hacer nada más.
    }

    Número de recibo: { $number }
    Se aplicó a: { $parts }
    Pagado con: { $method }
    Pagado por: { $payer }
    Recibido: { $received }
    Anotado en su factura: { $posted }
    Liquidado: { $settled }
    Queda en la factura después de este pago: { $left }

    Cómo anularlo: { $undo }

    Su recibo:

    { $link }
mail-receipt-part = factura { $bill }, { $amount }
mail-receipt-part-credit = su saldo a favor con nosotros, { $amount }
mail-receipt-moved-on = Este pago cambió desde que lo recibimos. Su página dice cómo.
mail-payment-settled-subject = Su pago es definitivo
mail-payment-settled =
    Su banco liquidó su pago de { $amount } para la factura { $bill }. Número de recibo { $number }.

    Su recibo:

    { $link }
mail-payment-returned-subject = Su pago fue devuelto
mail-payment-returned =
    Su banco devolvió su pago de { $amount } para la factura { $bill }. Número de recibo { $number }. La factura está abierta de nuevo.

    Lo que puede hacer ahora:

    { $link }
mail-payment-cancelled-subject = Su pago fue anulado
mail-payment-cancelled =
    Su pago de { $amount } para la factura { $bill } fue anulado. No nos quedamos con ningún dinero. Número de recibo { $number }.

    El pago:

    { $link }
mail-payment-not-taken-subject = Su pago no se cobró
mail-payment-not-taken =
    Le dijimos que le escribiríamos sobre su pago de { $amount } para la factura { $bill }. Ahora lo sabemos: no se cobró nada. Lo que iba a pagar sigue abierto en la factura, a menos que lo haya pagado de otra manera.

    Lo que puede hacer ahora:

    { $link }
mail-reset-subject = Cree una contraseña nueva
mail-reset =
    Alguien, esperamos que usted, pidió una contraseña nueva. Abra esta página y escriba el código que apareció donde la pidió:

    { $link }

    El enlace funciona una sola vez, durante 30 minutos. Si no fue usted, no tiene que hacer nada: sin el código nadie puede usarlo.
mail-password-changed-subject = Su contraseña fue cambiada
mail-password-changed =
    Su contraseña acaba de cambiar, y se cerraron todas sus sesiones.

    Si no fue usted, cree una contraseña nueva de inmediato y llame al número de su tarjeta de miembro:

    { $link }
mail-register-subject = Su código
mail-register =
    Escriba este código donde se está registrando:

    { $code }

    El código funciona una sola vez, durante 30 minutos. Si no se está registrando, no tiene que hacer nada.
mail-registered-already-subject = Ya está registrado
mail-registered-already =
    Alguien, esperamos que usted, intentó registrarse con su número de historia clínica. Ya tiene una cuenta. Entre con su dirección de correo electrónico y su contraseña.

    Si olvidó la contraseña, cree una nueva aquí:

    { $link }
mail-registered-subject = Su registro está completo
mail-registered =
    Su registro está completo. Desde ahora puede entrar con su dirección de correo electrónico y su contraseña:

    { $link }

    Si no fue usted, llame al número de su tarjeta de miembro.
mail-signed-in-new-device-subject = Un acceso nuevo
mail-signed-in-new-device =
    Alguien entró en su cuenta desde un navegador que no conocíamos: { $when }.

    Si fue usted, no tiene que hacer nada. Si no fue usted, cree una contraseña nueva de inmediato. Así se cierran todas las sesiones:

    { $link }

### Regions

hours-always = Abierto día y noche
feature-premium-online-handoff = En su región, las primas se pagan en otro sitio, por teléfono o por correo.
feature-autopay-handoff = En su región, los pagos automáticos se preparan en otro sitio.
feature-number-on-statement = Llame al número que está en su estado de cuenta mensual.
feature-member-services = Pregunte a Servicio a los Miembros.
feature-paperless-infosend = En su región, las facturas sin papel se preparan con Infosend.
feature-paperless-off = En su región, las facturas llegan en papel, por correo.
feature-bill-ready-off = En su región, su factura llega por correo. Todavía no podemos avisarle cuando está lista.
feature-status-notices-off = En su región, todavía no podemos enviarle avisos de sus pagos. Llámenos.
feature-notification-settings-off = En su región, esto todavía no se puede cambiar aquí. Puede darse de baja en cualquier correo electrónico, responder STOP a cualquier mensaje de texto o preguntar a Servicio a los Miembros.
feature-refund-request-off = En su región, todavía no se puede pedir aquí un reembolso. Su saldo a favor queda en su cuenta. Llámenos.
