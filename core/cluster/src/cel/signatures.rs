//! What functions take and give. A signature is `receiver.arguments:result` or `arguments:result` in
//! letters: `s` text, `i` int, `u` uint, `d` double, `b` bool, `y` bytes, `t` moment, `D` duration, `l` list,
//! `S` list of texts, `m` map, `q` quantity, `a` address, `c` CIDR, `U` URL, `f` format, `o` optional,
//! `T` type, `*` anything (as a result: the type of the items or of the value inside).

use super::types::{CIDR, FORMAT, IP, QUANTITY, Ty, URL};

const SIGNATURES: &[(&str, &str)] = &[
    ("size", "s:i y:i l:i m:i s.:i y.:i l.:i m.:i"),
    ("startsWith", "s.s:b"),
    ("endsWith", "s.s:b"),
    ("contains", "s.s:b"),
    ("matches", "s.s:b ss:b"),
    ("find", "s.s:s"),
    ("findAll", "s.s:S s.si:S"),
    ("lowerAscii", "s.:s"),
    ("upperAscii", "s.:s"),
    ("trim", "s.:s"),
    ("reverse", "s.:s"),
    ("replace", "s.ss:s s.ssi:s"),
    ("split", "s.s:S s.si:S"),
    ("join", "S.:s S.s:s"),
    ("substring", "s.i:s s.ii:s"),
    ("charAt", "s.i:s"),
    ("indexOf", "s.s:i s.si:i l.*:i"),
    ("lastIndexOf", "s.s:i s.si:i l.*:i"),
    ("format", "s.l:s"),
    ("strings.quote", "s:s"),
    ("int", "i:i u:i d:i s:i t:i D:i"),
    ("uint", "i:u u:u d:u s:u"),
    ("double", "i:d u:d d:d s:d"),
    ("string", "s:s i:s u:s d:s b:s y:s t:s D:s a:s c:s q:s U:s"),
    ("bool", "b:b s:b"),
    ("bytes", "s:y y:y"),
    ("duration", "s:D D:D"),
    ("timestamp", "s:t t:t i:t"),
    ("type", "*:T"),
    ("dyn", "*:x"),
    ("getFullYear", "t.:i t.s:i"),
    ("getMonth", "t.:i t.s:i"),
    ("getDate", "t.:i t.s:i"),
    ("getDayOfMonth", "t.:i t.s:i"),
    ("getDayOfWeek", "t.:i t.s:i"),
    ("getDayOfYear", "t.:i t.s:i"),
    ("getHours", "t.:i t.s:i D.:i"),
    ("getMinutes", "t.:i t.s:i D.:i"),
    ("getSeconds", "t.:i t.s:i D.:i"),
    ("getMilliseconds", "t.:i t.s:i D.:i"),
    ("isSorted", "l.:b"),
    ("sum", "l.:*"),
    ("min", "l.:*"),
    ("max", "l.:*"),
    ("sets.contains", "ll:b"),
    ("sets.equivalent", "ll:b"),
    ("sets.intersects", "ll:b"),
    ("quantity", "s:q"),
    ("isQuantity", "s:b"),
    ("isInteger", "q.:b"),
    ("asInteger", "q.:i"),
    ("asApproximateFloat", "q.:d"),
    ("sign", "q.:i"),
    ("add", "q.q:q q.i:q"),
    ("sub", "q.q:q q.i:q"),
    ("isGreaterThan", "q.q:b"),
    ("isLessThan", "q.q:b"),
    ("compareTo", "q.q:i"),
    ("url", "s:U"),
    ("isURL", "s:b"),
    ("getScheme", "U.:s"),
    ("getHost", "U.:s"),
    ("getHostname", "U.:s"),
    ("getPort", "U.:s"),
    ("getEscapedPath", "U.:s"),
    ("getQuery", "U.:m"),
    ("ip", "s:a c.:a"),
    ("isIP", "s:b"),
    ("ip.isCanonical", "s:b"),
    ("family", "a.:i"),
    ("isUnspecified", "a.:b"),
    ("isLoopback", "a.:b"),
    ("isLinkLocalMulticast", "a.:b"),
    ("isLinkLocalUnicast", "a.:b"),
    ("isGlobalUnicast", "a.:b"),
    ("cidr", "s:c"),
    ("isCIDR", "s:b"),
    ("containsIP", "c.a:b c.s:b"),
    ("containsCIDR", "c.c:b c.s:b"),
    ("masked", "c.:c"),
    ("prefixLength", "c.:i"),
    ("format.named", "s:o"),
    ("validate", "f.s:o"),
    ("format.dns1123Label", ":f"),
    ("format.dns1123Subdomain", ":f"),
    ("format.dns1035Label", ":f"),
    ("format.qualifiedName", ":f"),
    ("format.dns1123LabelPrefix", ":f"),
    ("format.dns1123SubdomainPrefix", ":f"),
    ("format.dns1035LabelPrefix", ":f"),
    ("format.labelValue", ":f"),
    ("format.uri", ":f"),
    ("format.uuid", ":f"),
    ("format.byte", ":f"),
    ("format.date", ":f"),
    ("format.datetime", ":f"),
    ("optional.none", ":o"),
    ("optional.of", "*:o"),
    ("optional.ofNonZeroValue", "*:o"),
    ("hasValue", "o.:b"),
    ("value", "o.:*"),
    ("orValue", "o.*:*"),
    ("or", "o.o:o"),
];

/// Whether there is a function of this name.
pub(super) fn is_known(name: &str) -> bool {
    SIGNATURES.iter().any(|s| s.0 == name)
}

/// What a function gives to these; `None` if it does not take them.
pub(super) fn result(name: &str, receiver: Option<&Ty>, arguments: &[Ty]) -> Option<Ty> {
    let (_, list) = SIGNATURES.iter().find(|s| s.0 == name)?;
    list.split(' ').find_map(|signature| {
        let (takes, gives) = signature.split_once(':')?;
        let (own, rest) =
            takes.split_once('.').map_or((None, takes), |(own, rest)| (own.chars().next(), rest));
        let fits = match (own, receiver) {
            (Some(letter), Some(ty)) => accepts(letter, ty),
            (None, None) => true,
            _ => false,
        };
        let good = fits
            && rest.chars().count() == arguments.len()
            && rest.chars().zip(arguments).all(|(letter, ty)| accepts(letter, ty));
        good.then(|| given(gives.chars().next().unwrap_or('x'), receiver))
    })
}

fn accepts(letter: char, ty: &Ty) -> bool {
    match (letter, ty) {
        ('*', _) | (_, Ty::Dyn) => true,
        ('l', ty) => matches!(ty, Ty::List(_)),
        ('m', ty) => matches!(ty, Ty::Map(..)),
        ('o', ty) => matches!(ty, Ty::Optional(_)),
        ('T', ty) => *ty == Ty::Type,
        (letter, ty) => ty.fits(&given(letter, None)),
    }
}

fn given(letter: char, receiver: Option<&Ty>) -> Ty {
    match letter {
        's' => Ty::Text,
        'i' => Ty::Int,
        'u' => Ty::Uint,
        'd' => Ty::Double,
        'b' => Ty::Bool,
        'y' => Ty::Bytes,
        't' => Ty::Time,
        'D' => Ty::Duration,
        'l' => Ty::List(Ty::Dyn.into()),
        'S' => Ty::List(Ty::Text.into()),
        'm' => Ty::Map(Ty::Text.into(), Ty::List(Ty::Text.into()).into()),
        'q' => QUANTITY,
        'a' => IP,
        'c' => CIDR,
        'U' => URL,
        'f' => FORMAT,
        'o' => Ty::Optional(Ty::Dyn.into()),
        'T' => Ty::Type,
        '*' => match receiver {
            Some(Ty::List(inner) | Ty::Optional(inner)) => (**inner).clone(),
            _ => Ty::Dyn,
        },
        _ => Ty::Dyn,
    }
}
