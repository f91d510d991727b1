//! RESP 2, the protocol of redis: replies, and commands as arrays or as typed into a bare connection.

type Bytes = Vec<u8>;

/// What a command gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Status(String),
    Error(String),
    Number(i64),
    Bulk(Bytes),
    Nil,
    Many(Vec<Reply>),
}

impl Reply {
    /// As RESP 2.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        match self {
            Reply::Status(text) => format!("+{text}\r\n").into_bytes(),
            Reply::Error(text) => format!("-{text}\r\n").into_bytes(),
            Reply::Number(n) => format!(":{n}\r\n").into_bytes(),
            Reply::Nil => b"$-1\r\n".to_vec(),
            Reply::Bulk(bytes) => [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat(),
            Reply::Many(list) => {
                let head = format!("*{}\r\n", list.len()).into_bytes();
                list.iter().fold(head, |mut out, r| {
                    out.extend(r.encode());
                    out
                })
            }
        }
    }
    /// Reads one reply; the rest of the bytes comes back.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Reply, &[u8])> {
        Reply::decode_at(bytes, 0)
    }
    fn decode_at(bytes: &[u8], depth: usize) -> Option<(Reply, &[u8])> {
        let end = bytes.windows(2).position(|w| w == b"\r\n")?;
        let (kind, text) = bytes.get(..end)?.split_first()?;
        let rest = bytes.get(end + 2..)?;
        let text = String::from_utf8_lossy(text).into_owned();
        let number = || text.parse::<i64>().ok();
        Some(match kind {
            b'+' => (Reply::Status(text), rest),
            b'-' => (Reply::Error(text), rest),
            b':' => (Reply::Number(number()?), rest),
            b'$' => match usize::try_from(number()?) {
                Ok(size) => (Reply::Bulk(rest.get(..size)?.to_vec()), rest.get(size + 2..)?),
                Err(_) => (Reply::Nil, rest),
            },
            b'*' if depth < 8 => {
                let count = number()?.max(0);
                let (mut list, mut rest) = (Vec::new(), rest);
                for _ in 0..count {
                    let (reply, after) = Reply::decode_at(rest, depth + 1)?;
                    list.push(reply);
                    rest = after;
                }
                (Reply::Many(list), rest)
            }
            _ => return None,
        })
    }
}

/// A command's words: RESP, or inline as typed into a bare connection.
#[must_use]
pub fn parse_command(bytes: &[u8]) -> Vec<Bytes> {
    if bytes.first() == Some(&b'*')
        && let Some((Reply::Many(list), _)) = Reply::decode(bytes)
    {
        let words = list.into_iter().map(|r| if let Reply::Bulk(b) = r { b } else { Vec::new() });
        return words.collect();
    }
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or(&[]);
    line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).map(<[u8]>::to_vec).collect()
}
