//! DER (ITU-T X.690) as far as certificates and signing requests need it: definite lengths, tags of one
//! byte. Reading never recurses; what is nested is asked for step by step.

/// One element: its tag, what it holds, and all its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    pub tag: u8,
    pub body: &'a [u8],
    pub raw: &'a [u8],
}

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OBJECT_ID: u8 = 0x06;
pub const UTF8_STRING: u8 = 0x0c;
pub const UTC_TIME: u8 = 0x17;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// The first element of `bytes` and what follows it.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let count = usize::from(first & 0x0f);
            let (digits, rest) = rest.split_at_checked(count)?;
            (digits.iter().fold(0usize, |n, d| n << 8 | usize::from(*d)), rest)
        }
        _ => return None,
    };
    let (body, rest) = rest.split_at_checked(length)?;
    let raw = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag, body, raw }, rest))
}

/// The elements a constructed one holds; stops at the first that is none.
pub fn elements(body: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let (element, after) = read(rest)?;
        rest = after;
        Some(element)
    })
}

/// An element of this tag.
#[must_use]
pub fn write(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match body.len() {
        n @ 0..=0x7f => out.push(n as u8),
        n => {
            let digits = n.to_be_bytes();
            let used: Vec<u8> = digits.iter().copied().skip_while(|d| *d == 0).collect();
            out.push(0x80 | used.len() as u8);
            out.extend(used);
        }
    }
    out.extend_from_slice(body);
    out
}

/// A constructed element of these parts.
#[must_use]
pub fn construct(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    write(tag, &parts.concat())
}

/// A positive INTEGER from big-endian bytes.
#[must_use]
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = bytes.iter().copied().skip_while(|b| *b == 0).collect();
    if digits.first().is_none_or(|b| b & 0x80 != 0) {
        digits.insert(0, 0);
    }
    write(INTEGER, &digits)
}

/// The BIT STRING of whole bytes.
#[must_use]
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    let mut body = vec![0];
    body.extend_from_slice(bytes);
    write(BIT_STRING, &body)
}

/// The DER bytes of the first PEM block with this label.
#[must_use]
pub fn pem_decode(label: &str, text: &str) -> Option<Vec<u8>> {
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    crate::hash::base64_decode(&body).ok()
}

/// A PEM block: base64 in lines of 64.
#[must_use]
pub fn pem_encode(label: &str, bytes: &[u8]) -> String {
    let coded = crate::hash::base64_encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for (n, c) in coded.chars().enumerate() {
        if n > 0 && n % 64 == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.push_str(&format!("\n-----END {label}-----\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0usize, 1, 127, 128, 255, 256, 70_000] {
            let body = vec![7u8; length];
            let bytes = [write(OCTET_STRING, &body), vec![1, 2]].concat();
            let (element, rest) = read(&bytes).expect("an element");
            assert_eq!((element.tag, element.body.len(), rest), (OCTET_STRING, length, &[1u8, 2][..]));
        }
        assert_eq!(integer(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
    }

    #[test]
    fn broken_input_is_no_element() {
        for bytes in [&[0x30u8][..], &[0x30, 5, 1], &[0x30, 0x80, 0, 0], &[0x30, 0x85, 1, 1, 1, 1, 1], &[]] {
            assert!(read(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn pem_blocks_have_lines_of_sixty_four() {
        let text = pem_encode("CERTIFICATE", &[1; 100]);
        assert!(text.lines().all(|l| l.len() <= 64 || l.starts_with("-----")));
        assert_eq!(pem_decode("CERTIFICATE", &text), Some(vec![1; 100]));
        assert_eq!(pem_decode("CERTIFICATE REQUEST", &text), None);
    }
}
