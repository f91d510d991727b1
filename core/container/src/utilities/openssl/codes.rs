//! rand, base64, dgst, passwd.

use super::key::drawn;
use super::{Given, output};
use crate::sys::Sys;
use crate::utilities::sums;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// base64 in lines of 64.
fn lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    text.as_bytes().chunks(64).map(|l| format!("{}\n", String::from_utf8_lossy(l))).collect()
}

pub(super) fn rand(sys: &mut Sys<'_>, given: &Given) -> i32 {
    let rest = given.rest(&["out", "rand", "writerand"]);
    let Some(count) = rest.first().and_then(|n| n.parse::<usize>().ok()) else {
        sys.eprint("rand: Use -help for summary.\n");
        return 1;
    };
    let bytes = drawn(sys, count.min(1 << 20));
    if given.has("hex") {
        output(sys, given, &format!("{}\n", hex(&bytes)))
    } else if given.has("base64") {
        output(sys, given, &lines(&bytes))
    } else {
        match given.value("out") {
            Some(file) => {
                let file = file.to_string();
                i32::from(sys.write_file(&file, &bytes, false).is_err())
            }
            None => {
                sys.write(1, &bytes);
                0
            }
        }
    }
}

pub(super) fn base64(sys: &mut Sys<'_>, verb: &str, given: &Given, data: &[u8]) -> i32 {
    if verb == "enc" && !(given.has("base64") || given.has("a")) {
        sys.eprint("openssl enc: ciphers are not simulated in this sandbox\n");
        return 1;
    }
    if !given.has("d") {
        let text = if given.has("A") { STANDARD.encode(data) } else { lines(data) };
        return output(sys, given, &text);
    }
    let clean: Vec<u8> = data.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    match STANDARD.decode(&clean) {
        Ok(bytes) => match given.value("out") {
            Some(file) => {
                let file = file.to_string();
                i32::from(sys.write_file(&file, &bytes, false).is_err())
            }
            None => {
                sys.write(1, &bytes);
                0
            }
        },
        Err(_) => {
            sys.eprint("error reading input file\n");
            1
        }
    }
}

fn digest(name: &str, data: &[u8]) -> Vec<u8> {
    match name {
        "md5" => (0..16)
            .filter_map(|i| u8::from_str_radix(sums::md5(data).get(i * 2..i * 2 + 2)?, 16).ok())
            .collect(),
        "sha1" => sums::sha1(data).to_vec(),
        "sha512" => sha2::Sha512::digest(data).to_vec(),
        "sha384" => sha2::Sha384::digest(data).to_vec(),
        "sha224" => sha2::Sha224::digest(data).to_vec(),
        _ => sha2::Sha256::digest(data).to_vec(),
    }
}

fn hmac(name: &str, key: &[u8], data: &[u8]) -> Vec<u8> {
    let block = if matches!(name, "sha512" | "sha384") { 128 } else { 64 };
    let mut key = if key.len() > block { digest(name, key) } else { key.to_vec() };
    key.resize(block, 0);
    let with = |pad: u8| key.iter().map(|b| b ^ pad).collect::<Vec<u8>>();
    let inner = digest(name, &[with(0x36), data.to_vec()].concat());
    digest(name, &[with(0x5c), inner].concat())
}

pub(super) fn dgst(sys: &mut Sys<'_>, verb: &str, given: &Given, data: &[u8]) -> i32 {
    const KNOWN: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
    let name =
        if verb == "dgst" { KNOWN.into_iter().find(|n| given.has(n)).unwrap_or("sha256") } else { verb };
    let title = match name {
        "md5" => "MD5",
        "sha1" => "SHA1",
        "sha224" => "SHA2-224",
        "sha384" => "SHA2-384",
        "sha512" => "SHA2-512",
        _ => "SHA2-256",
    };
    let key = given.value("hmac").map(|k| k.as_bytes().to_vec());
    let files: Vec<String> =
        given.rest(&["hmac", "out", "sign", "verify", "signature"]).iter().map(|f| f.to_string()).collect();
    let mut inputs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut code = 0;
    if files.is_empty() {
        inputs.push(("stdin".into(), data.to_vec()));
    }
    for file in files {
        match sys.read_file(&file) {
            Ok(bytes) => inputs.push((file, bytes.to_vec())),
            Err(errno) => {
                sys.eprint(&format!("dgst: Can't open \"{file}\" for reading, {errno}\n"));
                code = 1;
            }
        }
    }
    let mut out = String::new();
    for (file, data) in inputs {
        let sum = match &key {
            Some(key) => hmac(name, key, &data),
            None => digest(name, &data),
        };
        if given.has("binary") {
            sys.write(1, &sum);
            continue;
        }
        let title = if key.is_some() { format!("HMAC-{title}") } else { title.to_string() };
        out.push_str(&if given.has("r") {
            format!("{} *{file}\n", hex(&sum))
        } else {
            format!("{title}({file})= {}\n", hex(&sum))
        });
    }
    output(sys, given, &out).max(code)
}

pub(super) fn passwd(sys: &mut Sys<'_>, given: &Given, data: &[u8]) -> i32 {
    let words: Vec<String> = given.rest(&["salt", "in", "rand"]).iter().map(|w| w.to_string()).collect();
    let text = String::from_utf8_lossy(data).into_owned();
    let passwords: Vec<String> =
        if given.has("stdin") { text.lines().map(String::from).collect() } else { words };
    let magic = if given.has("apr1") {
        "apr1"
    } else if given.has("1") {
        "1"
    } else {
        sys.eprint("openssl passwd: -1 and -apr1 are simulated in this sandbox, other schemes are not\n");
        return 1;
    };
    for password in passwords {
        let salt = match given.value("salt") {
            Some(salt) => salt.to_string(),
            None => salt_of(sys),
        };
        sys.print(&format!("{}\n", md5_crypt(password.as_bytes(), &salt, magic)));
    }
    0
}

const LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Eight drawn letters.
pub fn salt_of(sys: &mut Sys<'_>) -> String {
    drawn(sys, 8).iter().filter_map(|b| LETTERS.get(usize::from(b & 63))).map(|b| char::from(*b)).collect()
}

/// Poul-Henning Kamp's scheme, and Apache's of the same shape.
#[must_use]
pub fn md5_crypt(password: &[u8], salt: &str, magic: &str) -> String {
    let salt: String = salt.chars().take(8).collect();
    let md5 = |data: &[u8]| digest("md5", data);
    let mut inner = [password, format!("${magic}$").as_bytes(), salt.as_bytes()].concat();
    let other = md5(&[password, salt.as_bytes(), password].concat());
    let mut left = password.len();
    while left > 0 {
        inner.extend_from_slice(other.get(..left.min(16)).unwrap_or(&other));
        left = left.saturating_sub(16);
    }
    let mut length = password.len();
    while length > 0 {
        inner.push(if length & 1 == 1 { 0 } else { password.first().copied().unwrap_or(0) });
        length >>= 1;
    }
    let mut last = md5(&inner);
    for round in 0..1000 {
        let mut data = Vec::new();
        data.extend_from_slice(if round & 1 == 1 { password } else { &last });
        if round % 3 != 0 {
            data.extend_from_slice(salt.as_bytes());
        }
        if round % 7 != 0 {
            data.extend_from_slice(password);
        }
        data.extend_from_slice(if round & 1 == 1 { &last } else { password });
        last = md5(&data);
    }
    let byte = |at: usize| u32::from(last.get(at).copied().unwrap_or(0));
    let mut out = format!("${magic}${salt}$");
    let mut put = |mut value: u32, count: usize| {
        for _ in 0..count {
            out.push(char::from(LETTERS.get((value & 63) as usize).copied().unwrap_or(b'.')));
            value >>= 6;
        }
    };
    for (a, b, c) in [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)] {
        put(byte(a) << 16 | byte(b) << 8 | byte(c), 4);
    }
    put(byte(11), 2);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_as_the_real_program_makes_them() {
        assert_eq!(md5_crypt(b"pw", "abcdefgh", "apr1"), "$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1");
        assert_eq!(md5_crypt(b"pw", "abc", "1"), "$1$abc$Kb85XxsXB.VXinPhbS4431");
    }
    #[test]
    fn keyed_digests_are_those_of_the_standard() {
        let sum = hmac("sha256", b"key", b"The quick brown fox jumps over the lazy dog");
        assert_eq!(hex(&sum), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    }
}
