//! Backslash escapes of `echo -e`, `printf`, `$'…'`, `tr` and `awk`.

/// Whose escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `echo -e` and `%b`: octal as `\0nnn`, `\c` stops.
    Echo,
    /// printf's format: octal as `\nnn`, `\c` stops.
    Format,
    /// `$'…'`: also `\'`, `\"`, `\?`, `\cX`.
    DollarQuote,
}

/// The bytes meant, and whether `\c` ended the output.
#[must_use]
pub fn unescape(text: &str, style: Style) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut buffer = [0; 4];
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        let Some(e) = chars.next() else {
            out.push(b'\\');
            break;
        };
        let mut digits = |radix: u32, most: usize, first: Option<char>| {
            let mut value = first.and_then(|c| c.to_digit(radix)).unwrap_or(0);
            let mut count = usize::from(first.is_some());
            while count < most {
                let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
                value = value * radix + digit;
                count += 1;
                chars.next();
            }
            (value, count)
        };
        match e {
            'a' => out.push(7),
            'b' => out.push(8),
            'e' | 'E' => out.push(27),
            'f' => out.push(12),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(11),
            '\\' => out.push(b'\\'),
            '\'' | '"' | '?' if style == Style::DollarQuote => out.push(e as u8),
            '"' if style == Style::Format => out.push(b'"'),
            'c' if style == Style::DollarQuote => {
                let c = chars.next().unwrap_or('@');
                out.push((c.to_ascii_uppercase() as u32 as u8) & 0x1f);
            }
            'c' => return (out, true),
            'x' => {
                let (value, count) = digits(16, 2, None);
                if count == 0 {
                    out.extend_from_slice(b"\\x");
                } else {
                    out.push(value as u8);
                }
            }
            'u' | 'U' => {
                let (value, count) = digits(16, if e == 'u' { 4 } else { 8 }, None);
                match char::from_u32(value).filter(|_| count > 0) {
                    Some(c) => out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes()),
                    None => out.extend_from_slice(&[b'\\', e as u8]),
                }
            }
            '0' if style == Style::Echo => out.push(digits(8, 3, None).0 as u8),
            '0'..='7' if style != Style::Echo => out.push(digits(8, 3, Some(e)).0 as u8),
            other => {
                out.push(b'\\');
                out.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    (out, false)
}
