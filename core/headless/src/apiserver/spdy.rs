//! SPDY/3.1 frames as a port-forward uses them: streams opened and reset, data, pings. Header blocks are
//! inflated with the protocol's dictionary; answers carry empty ones. Follows draft-mbelshe-httpbis-spdy
//! 3.1; no flow control, no pushed streams, no settings: none of the clients asks for them.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Bytes one frame may have.
const FRAME_BYTES: usize = 1 << 20;
/// Inflated header bytes kept for back references.
const WINDOW: usize = 32 * 1024;
/// Inflated bytes one header block may have.
const BLOCK: usize = 64 * 1024;
const FIN: u8 = 1;

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Open { stream: u32, headers: Vec<(String, String)>, fin: bool },
    Data { stream: u32, bytes: Vec<u8>, fin: bool },
    Reset(u32),
    Ping(u32),
    GoAway,
}

/// Cuts a byte stream into frames.
pub struct Reader {
    buffer: Vec<u8>,
    headers: Inflater,
}

impl Reader {
    pub fn new() -> Reader {
        Reader { buffer: Vec::new(), headers: Inflater::new() }
    }
    /// Takes what arrived and gives what is complete; `Err` when it is no SPDY.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Event>, &'static str> {
        self.buffer.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let (Some(first), Some(second)) = (word(&self.buffer, 0), word(&self.buffer, 4)) {
            let length = (second & 0x00FF_FFFF) as usize;
            if length > FRAME_BYTES {
                return Err("frame too long");
            }
            if self.buffer.len() < 8 + length {
                break;
            }
            let rest = self.buffer.split_off(8 + length);
            let frame = std::mem::replace(&mut self.buffer, rest);
            let body = frame.get(8..).unwrap_or_default();
            events.extend(self.event(first, (second >> 24) as u8, body)?);
        }
        Ok(events)
    }
    fn event(&mut self, first: u32, flags: u8, body: &[u8]) -> Result<Option<Event>, &'static str> {
        let fin = flags & FIN != 0;
        if first & 0x8000_0000 == 0 {
            return Ok(Some(Event::Data { stream: first, bytes: body.to_vec(), fin }));
        }
        let stream = word(body, 0).map(|id| id & 0x7FFF_FFFF);
        Ok(match (first & 0xFFFF, stream) {
            (1, Some(stream)) => {
                let block = self.headers.block(body.get(10..).unwrap_or_default())?;
                Some(Event::Open { stream, headers: pairs(&block), fin })
            }
            (3, Some(stream)) => Some(Event::Reset(stream)),
            (6, Some(id)) => Some(Event::Ping(id)),
            (7, _) => Some(Event::GoAway),
            _ => None,
        })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}

/// Names and values of a header block.
fn pairs(block: &[u8]) -> Vec<(String, String)> {
    let text = |at: &mut usize| {
        let length = word(block, *at)? as usize;
        let bytes = block.get(*at + 4..(*at + 4).checked_add(length)?)?;
        *at += 4 + length;
        Some(String::from_utf8_lossy(bytes).into_owned())
    };
    let mut at = 4;
    std::iter::from_fn(|| Some((text(&mut at)?, text(&mut at)?))).collect()
}

/// The header blocks of one direction are one zlib stream.
struct Inflater {
    state: DecompressorOxide,
    /// The window for back references, then what was inflated last.
    output: Vec<u8>,
    begun: bool,
}

impl Inflater {
    fn new() -> Inflater {
        Inflater { state: DecompressorOxide::new(), output: dictionary(), begun: false }
    }
    fn block(&mut self, mut input: &[u8]) -> Result<Vec<u8>, &'static str> {
        if !std::mem::replace(&mut self.begun, true) {
            // zlib's two bytes, and four that name the dictionary.
            let named = input.get(1).is_some_and(|flags| flags & 0x20 != 0);
            input = input.get(if named { 6 } else { 2 }..).unwrap_or_default();
        }
        if self.output.len() > WINDOW {
            self.output.drain(..self.output.len() - WINDOW);
        }
        let start = self.output.len();
        self.output.resize(start + BLOCK, 0);
        let flags = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, _, length) = decompress(&mut self.state, input, &mut self.output, start, flags);
        self.output.truncate(start + length);
        match status {
            TINFLStatus::NeedsMoreInput | TINFLStatus::Done => {
                Ok(self.output.get(start..).unwrap_or_default().to_vec())
            }
            _ => Err("headers cannot be inflated"),
        }
    }
}

/// What both sides of SPDY/3 have in their window before the first header.
fn dictionary() -> Vec<u8> {
    const WORDS: &str = "options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|\
        accept-language|accept-ranges|age|allow|authorization|cache-control|connection|content-base|\
        content-encoding|content-language|content-length|content-location|content-md5|content-range|\
        content-type|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|\
        if-unmodified-since|last-modified|location|max-forwards|pragma|proxy-authenticate|\
        proxy-authorization|range|referer|retry-after|server|te|trailer|transfer-encoding|upgrade|\
        user-agent|vary|via|warning|www-authenticate|method|get|status|200 OK|version|HTTP/1.1|url|public|\
        set-cookie|keep-alive|origin";
    const TAIL: &str = "100101201202205206300302303304305306307402405406407408409410411412413414415416417502\
        504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 \
        Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service \
        UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, \
        Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,\
        text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,\
        utf-,*,enq=0.";
    let mut bytes = Vec::with_capacity(1423);
    for name in WORDS.split('|') {
        bytes.extend_from_slice(&(name.len() as u32).to_be_bytes());
        bytes.extend_from_slice(name.as_bytes());
    }
    bytes.extend_from_slice(TAIL.as_bytes());
    bytes
}

fn control(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80, 3];
    frame.extend_from_slice(&kind.to_be_bytes());
    frame.extend_from_slice(&(body.len() as u32).to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// Accepts a stream. `first` begins the zlib stream of this direction.
pub fn reply(stream: u32, first: bool) -> Vec<u8> {
    let mut body = stream.to_be_bytes().to_vec();
    if first {
        body.extend_from_slice(&[0x78, 0x9C]);
    }
    // A stored deflate block of four bytes, no headers; and an empty one, which flushes it.
    body.extend_from_slice(&[0, 4, 0, 0xFB, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
    control(2, &body)
}

pub fn ping(id: u32) -> Vec<u8> {
    control(6, &id.to_be_bytes())
}

pub fn data(stream: u32, bytes: &[u8], fin: bool) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut pieces = bytes.chunks(FRAME_BYTES / 2).peekable();
    loop {
        let piece = pieces.next().unwrap_or_default();
        let last = pieces.peek().is_none();
        frames.extend_from_slice(&stream.to_be_bytes());
        let flags = if fin && last { u32::from(FIN) << 24 } else { 0 };
        frames.extend_from_slice(&(flags | piece.len() as u32).to_be_bytes());
        frames.extend_from_slice(piece);
        if last {
            return frames;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adler(bytes: &[u8]) -> u32 {
        let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65521;
            (a, (b + a) % 65521)
        });
        b << 16 | a
    }

    #[test]
    fn the_dictionary_is_the_protocols() {
        assert_eq!((dictionary().len(), adler(&dictionary())), (1423, 0xE3C6_A7C2));
    }

    #[test]
    fn frames_arrive_in_pieces() {
        let mut block = vec![0x78, 0xBB, 0xE3, 0xC6, 0xA7, 0xC2];
        let mut plain = 1u32.to_be_bytes().to_vec();
        for text in ["port", "80"] {
            plain.extend_from_slice(&(text.len() as u32).to_be_bytes());
            plain.extend_from_slice(text.as_bytes());
        }
        block.push(0);
        block.extend_from_slice(&(plain.len() as u16).to_le_bytes());
        block.extend_from_slice(&(!(plain.len() as u16)).to_le_bytes());
        block.extend_from_slice(&plain);
        let mut body = vec![0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        body.extend_from_slice(&block);
        let mut wire = control(1, &body);
        wire.extend(data(1, b"hello", true));
        wire.extend(ping(7));
        let mut reader = Reader::new();
        let events: Vec<Event> =
            wire.chunks(3).flat_map(|piece| reader.feed(piece).expect("it is SPDY")).collect();
        assert_eq!(
            events,
            vec![
                Event::Open { stream: 1, headers: vec![("port".into(), "80".into())], fin: false },
                Event::Data { stream: 1, bytes: b"hello".to_vec(), fin: true },
                Event::Ping(7),
            ]
        );
    }
}
