//! The wire format of protocol buffers: tags, varints and lengths, read as the generated code of
//! `k8s.io/api` reads them, with its errors. Groups are skipped; nothing here recurses.

/// Why a message cannot be read, in the words of Go's generated code.
pub type Error = String;

/// What stands behind a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Payload<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Eight or four bytes, which no type of the API uses.
    Fixed,
}

impl Payload<'_> {
    /// The wire type, as errors name it.
    pub fn wire_type(self) -> u8 {
        match self {
            Payload::Varint(_) => 0,
            Payload::Fixed => 1,
            Payload::Bytes(_) => 2,
        }
    }
}

/// What is left of a message.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let Some((byte, rest)) = self.0.split_first() else { return Err("unexpected EOF".into()) };
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Ok(value);
            }
        }
        Err("proto: integer overflow".into())
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Error> {
        if i64::try_from(count).is_err() {
            return Err("proto: negative length found during unmarshaling".into());
        }
        let at = usize::try_from(count).unwrap_or(usize::MAX);
        let Some((taken, rest)) = self.0.split_at_checked(at) else { return Err("unexpected EOF".into()) };
        self.0 = rest;
        Ok(taken)
    }

    /// The next field's number and payload; `None` at the end. `message` is for errors.
    pub fn field(&mut self, message: &str) -> Result<Option<(u32, Payload<'a>)>, Error> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let (number, kind) = ((tag >> 3) as i32, tag & 7);
        if kind == 4 {
            return Err(format!("proto: {message}: wiretype end group for non-group"));
        }
        let Some(number) = u32::try_from(number).ok().filter(|n| *n > 0) else {
            return Err(format!("proto: {message}: illegal tag {number} (wire type {tag})"));
        };
        self.payload(kind).map(|payload| Some((number, payload)))
    }

    fn payload(&mut self, kind: u64) -> Result<Payload<'a>, Error> {
        match kind {
            0 => self.varint().map(Payload::Varint),
            1 => self.take(8).map(|_| Payload::Fixed),
            2 => {
                let count = self.varint()?;
                self.take(count).map(Payload::Bytes)
            }
            3 => self.skip_group().map(|()| Payload::Fixed),
            5 => self.take(4).map(|_| Payload::Fixed),
            other => Err(format!("proto: illegal wireType {other}")),
        }
    }

    /// Skips to the end of a group that has begun, and of those within it.
    fn skip_group(&mut self) -> Result<(), Error> {
        let mut depth = 1usize;
        while depth > 0 {
            match self.varint()? & 7 {
                3 => depth += 1,
                4 => depth -= 1,
                kind => _ = self.payload(kind)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Payload, Reader};

    #[test]
    fn fields_are_read_in_turn() {
        let mut reader =
            Reader(&[0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1b, 0x08, 0x01, 0x1c, 0x20, 0x05]);
        assert_eq!(reader.field("T"), Ok(Some((1, Payload::Varint(150)))));
        assert_eq!(reader.field("T"), Ok(Some((2, Payload::Bytes(b"hi")))));
        assert_eq!(reader.field("T"), Ok(Some((3, Payload::Fixed))), "a group is skipped");
        assert_eq!(reader.field("T"), Ok(Some((4, Payload::Varint(5)))));
        assert_eq!(reader.field("T"), Ok(None));
    }

    #[test]
    fn broken_messages_are_refused_in_gos_words() {
        let cases: &[(&[u8], &str)] = &[
            (&[0x08], "unexpected EOF"),
            (&[0x12, 0x05, 0x01], "unexpected EOF"),
            (&[0x0c], "proto: T: wiretype end group for non-group"),
            (&[0x00, 0x00], "proto: T: illegal tag 0 (wire type 0)"),
            (&[0x0e], "proto: illegal wireType 6"),
            (&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], "proto: integer overflow"),
            (
                &[0x12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
                "proto: negative length found during unmarshaling",
            ),
            (&[0x0b; 300], "unexpected EOF"),
        ];
        for (bytes, text) in cases {
            assert_eq!(Reader(bytes).field("T"), Err((*text).to_string()), "{bytes:?}");
        }
    }
}
