//! Every sentence of the hosted page, in both languages.

use super::Language;
use crate::gateway::instrument::{Behaviour, Decline};

pub(crate) struct Words {
    pub(crate) lang: &'static str,
    pub(crate) title: &'static str,
    pub(crate) tagline: &'static str,
    pub(crate) you_pay: &'static str,
    pub(crate) for_what: &'static str,
    pub(crate) closes: &'static str,
    pub(crate) how: &'static str,
    pub(crate) card: &'static str,
    pub(crate) bank: &'static str,
    pub(crate) card_number: &'static str,
    pub(crate) card_number_hint: &'static str,
    pub(crate) expiry: &'static str,
    pub(crate) expiry_hint: &'static str,
    pub(crate) cvc: &'static str,
    pub(crate) cvc_hint: &'static str,
    pub(crate) name: &'static str,
    pub(crate) account_name: &'static str,
    pub(crate) account_type: &'static str,
    pub(crate) checking: &'static str,
    pub(crate) savings: &'static str,
    pub(crate) routing: &'static str,
    pub(crate) routing_hint: &'static str,
    pub(crate) account: &'static str,
    pub(crate) account_hint: &'static str,
    pub(crate) mandate_title: &'static str,
    pub(crate) mandate_before: &'static str,
    pub(crate) mandate_after: &'static str,
    pub(crate) mandate_box: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) bad_card_number: &'static str,
    pub(crate) bad_expiry: &'static str,
    pub(crate) past_expiry: &'static str,
    pub(crate) bad_cvc: &'static str,
    pub(crate) bad_name: &'static str,
    pub(crate) bad_account_name: &'static str,
    pub(crate) bad_routing: &'static str,
    pub(crate) bad_account: &'static str,
    pub(crate) no_mandate: &'static str,
    pub(crate) not_taken: &'static str,
    pub(crate) tries_left_1: &'static str,
    pub(crate) tries_left_2: &'static str,
    pub(crate) verify_title: &'static str,
    pub(crate) verify_text: &'static str,
    pub(crate) verify_yes: &'static str,
    pub(crate) verify_no: &'static str,
    pub(crate) working_title: &'static str,
    pub(crate) working_text: &'static str,
    pub(crate) look_again: &'static str,
    pub(crate) test_title: &'static str,
    pub(crate) test_text: &'static str,
    pub(crate) test_number: &'static str,
    pub(crate) test_does: &'static str,
    pub(crate) footer: &'static str,
}

static EN: Words = Words {
    lang: "en",
    title: "Pay",
    tagline: "the payment page of the gateway",
    you_pay: "You pay",
    for_what: "For",
    closes: "This page closes at",
    how: "How do you want to pay?",
    card: "Card",
    bank: "Bank account",
    card_number: "Card number",
    card_number_hint: "Only test numbers work here. They are listed below.",
    expiry: "Expiry date",
    expiry_hint: "Such as 12/30",
    cvc: "Security code",
    cvc_hint: "Three digits, any will do",
    name: "Name on the card",
    account_name: "Name of the account holder",
    account_type: "Kind of account",
    checking: "Checking",
    savings: "Savings",
    routing: "Routing number",
    routing_hint: "Nine digits. Test accounts use 110000000.",
    account: "Account number",
    account_hint: "Only test accounts work here. They are listed below.",
    mandate_title: "Your permission",
    mandate_before: "You allow a single withdrawal of",
    mandate_after: "from this account, today or on the next business day. You can take this permission back until the \
        payment is sent: your receipt says by when. If your bank sends the payment back, it counts as not made.",
    mandate_box: "I own this account and I agree",
    pay: "Pay",
    cancel: "Cancel and go back",
    summary: "Please mend this. Nothing was charged.",
    bad_card_number: "Enter the card number as it stands on the card",
    bad_expiry: "Enter the expiry date as month and year, such as 12/30",
    past_expiry: "This card has expired; check the date or use another card",
    bad_cvc: "Enter the three-digit security code",
    bad_name: "Enter the name on the card",
    bad_account_name: "Enter the name of the account holder",
    bad_routing: "Enter the nine digits of the routing number",
    bad_account: "Enter the account number, 4 to 17 digits",
    no_mandate: "Tick the box to allow the withdrawal",
    not_taken: "No money was taken.",
    tries_left_1: "You can try once more on this page.",
    tries_left_2: "You can try twice more on this page.",
    verify_title: "Your bank wants to know that it is you",
    verify_text: "This is the 3-D Secure step. A real bank would ask for a code or a tap in its app. Here you \
        choose the answer.",
    verify_yes: "Yes, it is me",
    verify_no: "No, refuse it",
    working_title: "We are asking your bank",
    working_text: "This takes a moment. Please do not pay again. The page looks for the answer by itself.",
    look_again: "Look again now",
    test_title: "Test numbers",
    test_text: "Any expiry date to come, any security code, any name.",
    test_number: "Number",
    test_does: "What happens",
    footer: "This is a sandbox. No real money moves, and real card numbers are turned down.",
};

static ES: Words = Words {
    lang: "es",
    title: "Pagar",
    tagline: "la página de pago de la pasarela",
    you_pay: "Usted paga",
    for_what: "Por",
    closes: "Esta página se cierra a las",
    how: "¿Cómo quiere pagar?",
    card: "Tarjeta",
    bank: "Cuenta bancaria",
    card_number: "Número de tarjeta",
    card_number_hint: "Aquí solo sirven números de prueba. Están en la lista de abajo.",
    expiry: "Fecha de vencimiento",
    expiry_hint: "Por ejemplo 12/30",
    cvc: "Código de seguridad",
    cvc_hint: "Tres dígitos, sirven cualesquiera",
    name: "Nombre en la tarjeta",
    account_name: "Nombre del titular de la cuenta",
    account_type: "Tipo de cuenta",
    checking: "Corriente",
    savings: "Ahorros",
    routing: "Número de ruta",
    routing_hint: "Nueve dígitos. Las cuentas de prueba usan 110000000.",
    account: "Número de cuenta",
    account_hint: "Aquí solo sirven cuentas de prueba. Están en la lista de abajo.",
    mandate_title: "Su permiso",
    mandate_before: "Usted permite un solo retiro de",
    mandate_after: "de esta cuenta, hoy o el siguiente día hábil. Puede retirar este permiso hasta que se envíe el \
        pago: su recibo dice hasta qué hora. Si su banco devuelve el pago, cuenta como no hecho.",
    mandate_box: "La cuenta es mía y estoy de acuerdo",
    pay: "Pagar",
    cancel: "Cancelar y volver",
    summary: "Corrija esto, por favor. No se cobró nada.",
    bad_card_number: "Escriba el número tal como está en la tarjeta",
    bad_expiry: "Escriba el vencimiento como mes y año, por ejemplo 12/30",
    past_expiry: "Esta tarjeta ya venció; revise la fecha o use otra tarjeta",
    bad_cvc: "Escriba el código de seguridad de tres dígitos",
    bad_name: "Escriba el nombre que está en la tarjeta",
    bad_account_name: "Escriba el nombre del titular de la cuenta",
    bad_routing: "Escriba los nueve dígitos del número de ruta",
    bad_account: "Escriba el número de cuenta, de 4 a 17 dígitos",
    no_mandate: "Marque la casilla para permitir el retiro",
    not_taken: "No se cobró nada.",
    tries_left_1: "Puede intentarlo una vez más en esta página.",
    tries_left_2: "Puede intentarlo dos veces más en esta página.",
    verify_title: "Su banco quiere saber que es usted",
    verify_text: "Este es el paso 3-D Secure. Un banco de verdad le pediría un código o un toque en su aplicación. \
        Aquí usted elige la respuesta.",
    verify_yes: "Sí, soy yo",
    verify_no: "No, rechazarlo",
    working_title: "Estamos preguntando a su banco",
    working_text: "Tarda un momento. No pague otra vez, por favor. La página busca la respuesta por sí sola.",
    look_again: "Mirar otra vez ahora",
    test_title: "Números de prueba",
    test_text: "Cualquier vencimiento futuro, cualquier código, cualquier nombre.",
    test_number: "Número",
    test_does: "Qué pasa",
    footer: "Esto es una prueba. No se mueve dinero real y las tarjetas reales se rechazan.",
};

impl Words {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Es => &ES,
        }
    }

    fn is_english(&self) -> bool {
        self.lang == "en"
    }

    /// Why the bank said no, and what may help.
    pub(crate) fn declined(&self, class: Decline) -> &'static str {
        let english = self.is_english();
        match class {
            Decline::InsufficientFunds if english => "The bank says there is not enough money on it.",
            Decline::InsufficientFunds => "El banco dice que no hay fondos suficientes.",
            Decline::DoNotHonour if english => {
                "The bank said no and gives no reason. Try another one, or ask the bank."
            }
            Decline::DoNotHonour => {
                "El banco dijo que no y no da un motivo. Pruebe con otra o pregunte al banco."
            }
            Decline::ExpiredCard if english => "The bank says the card has expired.",
            Decline::ExpiredCard => "El banco dice que la tarjeta ya venció.",
            Decline::WrongDetails if english => {
                "The bank does not know these details. Check them and try again."
            }
            Decline::WrongDetails => "El banco no reconoce estos datos. Revíselos e inténtelo de nuevo.",
            // Whoever holds a stolen card or trips the fraud filter is told no more than anyone.
            Decline::LostOrStolen | Decline::Fraud if english => {
                "The bank said no. Please use another way to pay."
            }
            Decline::LostOrStolen | Decline::Fraud => {
                "El banco dijo que no. Use otra forma de pago, por favor."
            }
            Decline::ClosedAccount if english => "The bank says this account is closed. Use another one.",
            Decline::ClosedAccount => "El banco dice que esta cuenta está cerrada. Use otra.",
            Decline::Limit if english => "This is more than the bank allows at once.",
            Decline::Limit => "Es más de lo que el banco permite de una vez.",
            Decline::TryLater if english => "The bank cannot answer just now. Try again in a little while.",
            Decline::TryLater => "El banco no puede responder ahora. Inténtelo de nuevo en un rato.",
        }
    }

    /// What a test number does, for the list on the page.
    pub(crate) fn does(&self, behaviour: Behaviour) -> String {
        let english = self.is_english();
        let text = match behaviour {
            Behaviour::Succeeds if english => "works",
            Behaviour::Succeeds => "funciona",
            Behaviour::AsksFirst if english => "asks for a 3-D Secure step first",
            Behaviour::AsksFirst => "pide antes un paso 3-D Secure",
            Behaviour::Slow if english => "works after 20 seconds",
            Behaviour::Slow => "funciona a los 20 segundos",
            Behaviour::Silent if english => "takes the money and never answers",
            Behaviour::Silent => "cobra y nunca responde",
            Behaviour::Declines(class) => {
                return format!("{}: {}", if english { "declined" } else { "rechazada" }, class.word());
            }
            Behaviour::Returns(code) => {
                let rest = if english {
                    "comes back on the third business day"
                } else {
                    "vuelve al tercer día hábil"
                };
                return format!("{}: {rest}", code.word());
            }
            Behaviour::ReturnsLate(code) => {
                let rest = if english {
                    "settles, then comes back after 45 days"
                } else {
                    "se liquida y vuelve a los 45 días"
                };
                return format!("{}: {rest}", code.word());
            }
        };
        text.to_owned()
    }
}
