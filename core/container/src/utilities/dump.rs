//! Bytes made visible: od, hexdump (hd) and xxd, with the addresses and columns of the real ones. Left
//! out: od's floats and hexdump's formats of one's own (-e).

use super::filter::{Start, ended, gathering, options};
use super::support::{Opts, Spec, done, own_name};
use crate::sys::Sys;
use std::sync::Arc;

/// A count in decimal, octal (`0…`) or hexadecimal (`0x…`), with `b`, `k`, `m`.
fn number(text: &str) -> Option<usize> {
    let (text, by) = match text.chars().last() {
        Some('b') if !text.starts_with("0x") => (text.strip_suffix('b')?, 512),
        Some('k' | 'K') => (text.get(..text.len() - 1)?, 1024),
        Some('m' | 'M') => (text.get(..text.len() - 1)?, 1 << 20),
        _ => (text, 1),
    };
    let n = match text.strip_prefix("0x") {
        Some(hex) => usize::from_str_radix(hex, 16).ok()?,
        None if text.len() > 1 && text.starts_with('0') => usize::from_str_radix(text, 8).ok()?,
        None => text.parse().ok()?,
    };
    n.checked_mul(by)
}

/// One of od's columns: letter and bytes.
type Shape = (char, usize);

fn shapes(opts: &Opts) -> Result<Vec<Shape>, String> {
    let mut out = Vec::new();
    for (letter, value) in &opts.given {
        match letter {
            'c' => out.push(('c', 1)),
            'a' => out.push(('a', 1)),
            'b' => out.push(('o', 1)),
            'd' => out.push(('u', 2)),
            'o' => out.push(('o', 2)),
            's' => out.push(('d', 2)),
            'i' => out.push(('d', 4)),
            'l' => out.push(('d', 8)),
            'x' => out.push(('x', 2)),
            't' => {
                let text = value.as_deref().unwrap_or("");
                let mut rest = text.trim_end_matches('z').chars().peekable();
                while let Some(kind) = rest.next() {
                    if !"acdoux".contains(kind) {
                        return Err(format!("invalid character '{kind}' in type string '{text}'"));
                    }
                    let mut size = String::new();
                    while let Some(c) = rest.next_if(|c| c.is_ascii_digit() || "CSIL".contains(*c)) {
                        size.push(c);
                    }
                    let size = match (kind, size.as_str()) {
                        ('a' | 'c', _) | (_, "C" | "1") => 1,
                        (_, "S" | "2") => 2,
                        (_, "L" | "8") => 8,
                        (_, "" | "I" | "4") => 4,
                        _ => {
                            return Err(format!(
                                "invalid type string '{text}';\nthis system doesn't provide a {size}-byte integral type"
                            ));
                        }
                    };
                    out.push((kind, size));
                }
            }
            _ => {}
        }
    }
    if out.is_empty() {
        out.push(('o', 2));
    }
    Ok(out)
}

/// Columns a value of a shape takes, without the blank before it.
fn width((kind, size): Shape) -> usize {
    match (kind, size) {
        ('a' | 'c', _) => 3,
        ('x', n) => n * 2,
        ('o', 1) => 3,
        ('o', 2) => 6,
        ('o', 4) => 11,
        ('o', _) => 22,
        ('u', 1) => 3,
        ('u', 2) => 5,
        ('u', 4) => 10,
        ('u', _) => 20,
        (_, 1) => 4,
        (_, 2) => 6,
        (_, 4) => 11,
        _ => 20,
    }
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn cell((kind, size): Shape, bytes: &[u8]) -> String {
    let n = little(bytes);
    match kind {
        'c' => match n as u8 {
            0 => "\\0".into(),
            7 => "\\a".into(),
            8 => "\\b".into(),
            9 => "\\t".into(),
            10 => "\\n".into(),
            11 => "\\v".into(),
            12 => "\\f".into(),
            13 => "\\r".into(),
            b @ 32..=126 => char::from(b).to_string(),
            b => format!("{b:03o}"),
        },
        'a' => {
            const NAMES: [&str; 33] = [
                "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr",
                "so", "si", "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub",
                "esc", "fs", "gs", "rs", "us", "sp",
            ];
            let b = n as u8 & 0x7f;
            match NAMES.get(usize::from(b)) {
                Some(name) => (*name).into(),
                None if b == 127 => "del".into(),
                None => char::from(b).to_string(),
            }
        }
        'x' => format!("{n:0w$x}", w = size * 2),
        'o' => format!("{n:0w$o}", w = width((kind, size))),
        'u' => n.to_string(),
        _ => match size {
            1 => (n as u8 as i8).to_string(),
            2 => (n as u16 as i16).to_string(),
            4 => (n as u32 as i32).to_string(),
            _ => (n as i64).to_string(),
        },
    }
}

pub fn od(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "abcdilosxt:A:N:j:vw::",
        long: &[
            ("address-radix=", 'A'),
            ("read-bytes=", 'N'),
            ("skip-bytes=", 'j'),
            ("format=", 't'),
            ("output-duplicates", 'v'),
            ("width?", 'w'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    if let Err(text) = shapes(&opts) {
        return ended(done(sys, 1, &text));
    }
    let files = opts.args.clone();
    gathering(opts, &files, |sys, opts, data| {
        let shapes = shapes(opts).unwrap_or_default();
        let skip = opts.value('j').and_then(number).unwrap_or(0);
        if skip > data.len() {
            return done(sys, 1, "cannot skip past end of combined input");
        }
        let most = opts.value('N').and_then(number).unwrap_or(usize::MAX);
        let data = data.get(skip..).unwrap_or(&[]);
        let data = data.get(..most.min(data.len())).unwrap_or(&[]);
        let per_row = match opts.last_of("w") {
            Some(_) => opts.value('w').and_then(number).unwrap_or(32).max(1),
            None => 16,
        };
        let address = |at: usize| match opts.value('A') {
            Some("n") => String::new(),
            Some("d") => format!("{at:07}"),
            Some("x") => format!("{at:06x}"),
            _ => format!("{at:07o}"),
        };
        // Columns of all shapes are as far apart as the widest needs.
        let block = shapes.iter().map(|s| s.1).max().unwrap_or(1);
        let per_block = shapes.iter().map(|s| (width(*s) + 1) * (block / s.1.max(1))).max().unwrap_or(4);
        let mut out = String::new();
        let mut last: Option<&[u8]> = None;
        let mut starred = false;
        for (n, row) in data.chunks(per_row).enumerate() {
            if !opts.has('v') && last == Some(row) && row.len() == per_row {
                if !starred {
                    out.push_str("*\n");
                }
                starred = true;
                continue;
            }
            (last, starred) = (Some(row), false);
            for (which, shape) in shapes.iter().enumerate() {
                let lead = address(skip + n * per_row);
                out.push_str(&if which == 0 { lead } else { " ".repeat(lead.len()) });
                let cells = block / shape.1.max(1);
                for (at, bytes) in row.chunks(shape.1).enumerate() {
                    let mut padded = bytes.to_vec();
                    padded.resize(shape.1, 0);
                    // What a block has over is spread before its cells, as od does it.
                    let place = at % cells.max(1);
                    let (before, after) =
                        (per_block * place / cells.max(1), per_block * (place + 1) / cells.max(1));
                    out.push_str(&format!("{:>1$}", cell(*shape, &padded), after - before));
                }
                out.push('\n');
            }
        }
        let end = address(skip + data.len());
        if !end.is_empty() {
            out.push_str(&format!("{end}\n"));
        }
        sys.print(&out);
        0
    })
}

pub fn hexdump(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "Cbcdoxn:s:ve:f:L",
        long: &[("canonical", 'C'), ("length=", 'n'), ("skip=", 's'), ("no-squeezing", 'v')],
        code: 1,
    };
    let mut opts = options!(sys, SPEC);
    if matches!(own_name(sys).as_str(), "hd") {
        opts.given.push(('C', None));
    }
    if opts.has('e') || opts.has('f') {
        return ended(done(sys, 1, "formats of one's own (-e, -f) are not part of this sandbox"));
    }
    let files = opts.args.clone();
    gathering(opts, &files, |sys, opts, data| {
        let skip = opts.value('s').and_then(number).unwrap_or(0).min(data.len());
        let data = data.get(skip..).unwrap_or(&[]);
        let data =
            data.get(..opts.value('n').and_then(number).unwrap_or(usize::MAX).min(data.len())).unwrap_or(&[]);
        let mut out = String::new();
        let (mut last, mut starred): (Option<&[u8]>, bool) = (None, false);
        let format = opts.last_of("Cbcdox");
        for (n, row) in data.chunks(16).enumerate() {
            if !opts.has('v') && last == Some(row) && row.len() == 16 {
                if !starred {
                    out.push_str("*\n");
                }
                starred = true;
                continue;
            }
            (last, starred) = (Some(row), false);
            let at = skip + n * 16;
            if format == Some('C') {
                let mut cells = String::new();
                for i in 0..16 {
                    cells.push_str(&row.get(i).map_or("   ".into(), |b| format!("{b:02x} ")));
                    if i == 7 {
                        cells.push(' ');
                    }
                }
                out.push_str(&format!("{at:08x}  {cells} |{}|\n", printable(row)));
                continue;
            }
            out.push_str(&format!("{at:07x}"));
            let (size, wide) = if matches!(format, Some('b' | 'c')) { (1, 4) } else { (2, 8) };
            let mut cells = 0;
            for bytes in row.chunks(size) {
                let n = little(bytes);
                let text = match format {
                    Some('b') => format!(" {n:03o}"),
                    Some('c') => format!(" {:>3}", cell(('c', 1), bytes)),
                    Some('d') => format!("   {n:05}"),
                    Some('o') => format!("  {n:06o}"),
                    Some('x') => format!("    {n:04x}"),
                    _ => format!(" {n:04x}"),
                };
                out.push_str(&text);
                cells += 1;
            }
            let wide = if format.is_none() { 5 } else { wide };
            out.push_str(&" ".repeat((16 / size - cells) * wide));
            out.push('\n');
        }
        if !data.is_empty() {
            let end = skip + data.len();
            out.push_str(&if format == Some('C') { format!("{end:08x}\n") } else { format!("{end:07x}\n") });
        }
        sys.print(&out);
        0
    })
}

fn printable(row: &[u8]) -> String {
    row.iter().map(|b| if (32..127).contains(b) { char::from(*b) } else { '.' }).collect()
}

pub fn xxd(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec { short: "abc:eg:il:o:prs:uC", long: &[], code: 1 };
    // xxd takes `-ps` for `-p`.
    let words: Vec<Arc<str>> = sys
        .args()
        .iter()
        .skip(1)
        .map(|a| match &**a {
            "-ps" | "-plain" | "-postscript" => "-p".into(),
            "-revert" => "-r".into(),
            "-bits" => "-b".into(),
            "-include" => "-i".into(),
            "-len" => "-l".into(),
            "-cols" => "-c".into(),
            _ => a.clone(),
        })
        .collect();
    let opts = match Opts::parse_words(sys, &SPEC, &words) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let files = opts.args.get(..opts.args.len().min(1)).unwrap_or(&[]).to_vec();
    gathering(opts, &files, |sys, opts, data| {
        let out = if opts.has('r') { unxxd(data, opts.has('p')) } else { xxd_text(opts, data).into_bytes() };
        match opts.args.get(1) {
            Some(file) => match sys.write_file(file, &out, false) {
                Ok(()) => 0,
                Err(errno) => {
                    sys.eprint(&format!("xxd: {file}: {errno}\n"));
                    3
                }
            },
            None => {
                sys.write(1, &out);
                0
            }
        }
    })
}

fn xxd_text(opts: &Opts, data: &[u8]) -> String {
    let skip = opts.value('s').and_then(number).unwrap_or(0).min(data.len());
    let data = data.get(skip..).unwrap_or(&[]);
    let data =
        data.get(..opts.value('l').and_then(number).unwrap_or(usize::MAX).min(data.len())).unwrap_or(&[]);
    let columns = opts.value('c').and_then(number);
    let hex = |b: u8| if opts.has('u') { format!("{b:02X}") } else { format!("{b:02x}") };
    let mut out = String::new();
    if opts.has('p') {
        let columns = columns.unwrap_or(30);
        let rows = if columns == 0 { data.chunks(data.len().max(1)) } else { data.chunks(columns) };
        for row in rows {
            out.extend(row.iter().map(|b| hex(*b)));
            out.push('\n');
        }
        return out;
    }
    if opts.has('i') {
        let name = opts.args.first().filter(|a| &***a != "-");
        let rows: Vec<String> = data
            .chunks(columns.unwrap_or(12).max(1))
            .map(|r| {
                format!("  {}", r.iter().map(|b| format!("0x{}", hex(*b))).collect::<Vec<_>>().join(", "))
            })
            .collect();
        let body = rows.join(",\n");
        return match name {
            Some(name) => {
                let name: String =
                    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
                let size = data.len();
                format!("unsigned char {name}[] = {{\n{body}\n}};\nunsigned int {name}_len = {size};\n")
            }
            None => body + "\n",
        };
    }
    let bits = opts.has('b');
    let columns = columns.unwrap_or(if bits { 6 } else { 16 }).max(1);
    let group = opts.value('g').and_then(number).unwrap_or(if bits { 1 } else { 2 });
    let group = if group == 0 { columns } else { group };
    for (n, row) in data.chunks(columns).enumerate() {
        let mut cells = String::new();
        for i in 0..columns {
            let wide = if bits { 8 } else { 2 };
            match row.get(i) {
                Some(b) if bits => cells.push_str(&format!("{b:08b}")),
                Some(b) => cells.push_str(&hex(*b)),
                None => cells.push_str(&" ".repeat(wide)),
            }
            if (i + 1) % group == 0 || i + 1 == columns {
                cells.push(' ');
            }
        }
        out.push_str(&format!("{:08x}: {cells} {}\n", skip + n * columns, printable(row)));
    }
    out
}

/// `xxd -r`
fn unxxd(data: &[u8], plain: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(data);
    let mut out = Vec::new();
    for line in text.lines() {
        let digits: String = match (plain, line.split_once(": ")) {
            (true, _) => line.chars().filter(char::is_ascii_hexdigit).collect(),
            (false, Some((_, rest))) => {
                let cells = rest.split("  ").next().unwrap_or("");
                cells.chars().filter(char::is_ascii_hexdigit).collect()
            }
            (false, None) => continue,
        };
        for pair in digits.as_bytes().chunks_exact(2) {
            out.extend(std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()));
        }
    }
    out
}
