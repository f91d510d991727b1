//! What curl makes of an answer: output, redirects, errors, --write-out.

use super::request::is_private;
use super::{Curl, Stage};
use crate::machine::Step;
use crate::sys::Sys;
use crate::utilities::url::{Url, response_head};
use crate::wait::Wait;
use drydock_network::exchange::{Answer, Failure};
use drydock_network::http::{Method, Response};
use std::sync::Arc;

impl Curl {
    pub(super) fn answered(&mut self, sys: &mut Sys<'_>, answer: Result<Answer, Failure>) -> Step {
        let Some(url) = self.url.clone() else { return self.next() };
        let ms = sys.now() - self.sent;
        let total = sys.now() - self.began;
        let verbose = self.opts.has('v');
        let request = self.body.take();
        let connected = match &answer {
            Ok(_) | Err(Failure::Reset) => true,
            Err(_) => false,
        };
        if verbose && connected {
            sys.eprint(&format!("* Connected to {} ({}) port {}\n", url.host, self.ip, url.port));
            if let Some(request) = &request {
                sys.write(2, request);
            }
        }
        if connected
            && url.scheme == "https"
            && !self.opts.has('k')
            && !self.opts.has('C')
            && is_private(self.ip)
        {
            let text = "SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.";
            return self.fail(sys, 60, text);
        }
        let response = match answer {
            Ok(Answer::Http(response)) => response,
            Ok(Answer::Connected | Answer::Bytes(_)) => {
                return self.fail(sys, 1, "Received HTTP/0.9 when not allowed");
            }
            Err(failure) => {
                let retries: u32 = self.opts.value('R').and_then(|r| r.parse().ok()).unwrap_or(0);
                let again = matches!(failure, Failure::TimedOut) || self.opts.has('Q') || self.opts.has('q');
                if self.tries < retries && again {
                    let seconds = self
                        .opts
                        .value('y')
                        .and_then(|d| d.parse().ok())
                        .unwrap_or(1u64 << self.tries.min(9));
                    self.tries += 1;
                    if !self.opts.has('s') {
                        let left = retries - self.tries + 1;
                        sys.eprint(&format!("Warning: Problem: timeout. Will retry in {seconds} seconds. {left} retries left.\n"));
                    }
                    let until = sys.now() + seconds * 1000;
                    self.stage = Stage::Pause(until);
                    return Step::wait(Wait::Until(until));
                }
                let text = match failure {
                    Failure::Refused => format!(
                        "Failed to connect to {} port {} after {total} ms: Couldn't connect to server",
                        url.host, url.port
                    ),
                    Failure::Unreachable => format!(
                        "Failed to connect to {} port {} after {total} ms: Couldn't connect to server",
                        url.host, url.port
                    ),
                    Failure::TimedOut if self.opts.has('m') || !self.opts.has('c') => {
                        format!("Connection timed out after {} milliseconds", total + 1)
                    }
                    Failure::TimedOut => format!(
                        "Failed to connect to {} port {} after {} ms: Timeout was reached",
                        url.host,
                        url.port,
                        ms + 1
                    ),
                    Failure::Reset => "Empty reply from server".into(),
                };
                if verbose {
                    match failure {
                        Failure::Refused => sys.eprint(&format!("* connect to {} port {} failed: Connection refused\n* {text}\n* Closing connection\n", self.ip, url.port)),
                        Failure::Reset => sys.eprint("* Empty reply from server\n* Closing connection\n"),
                        _ => sys.eprint(&format!("* {text}\n* Closing connection\n")),
                    }
                }
                let code = match failure {
                    Failure::Refused | Failure::Unreachable => 7,
                    Failure::TimedOut => 28,
                    Failure::Reset => 52,
                };
                return self.fail(sys, code, &text);
            }
        };
        self.received(sys, &url, &response)
    }
    fn received(&mut self, sys: &mut Sys<'_>, url: &Url, response: &Response) -> Step {
        let head = response_head(response);
        let body = if self.method == Some(Method::Head) { Arc::from([]) } else { response.body.bytes() };
        let verbose = self.opts.has('v');
        if verbose {
            for line in head.lines() {
                sys.eprint(&format!("< {line}\n"));
            }
        }
        let location = response.headers.get("Location").filter(|_| (300..400).contains(&response.status));
        if let Some(location) = location
            && self.opts.has('L')
        {
            if self.opts.has('i') || self.opts.has('I') {
                self.out(sys, head.replace('\n', "\r\n").as_bytes());
            }
            if verbose {
                sys.eprint("* Ignoring the response-body\n");
                sys.eprint(&format!("* Connection #0 to host {} left intact\n", url.host));
            }
            self.redirects += 1;
            let most: u32 = self.opts.value('M').and_then(|m| m.parse().ok()).unwrap_or(50);
            if self.redirects > most {
                return self.fail(sys, 47, &format!("Maximum ({most}) redirects followed"));
            }
            if verbose && let Some(next) = url.join(location) {
                sys.eprint(&format!("* Issue another request to this URL: '{}'\n", next.text()));
            }
            if matches!(response.status, 301..=303) && self.method == Some(Method::Post) {
                self.method = Some(Method::Get);
                self.opts.given.retain(|g| g.0 != 'd');
            }
            self.url = url.join(location);
            self.stage = Stage::Start;
            return Step::Again;
        }
        let retries: u32 = self.opts.value('R').and_then(|r| r.parse().ok()).unwrap_or(0);
        if self.tries < retries && matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504) {
            let seconds =
                self.opts.value('y').and_then(|d| d.parse().ok()).unwrap_or(1u64 << self.tries.min(9));
            self.tries += 1;
            if !self.opts.has('s') {
                let left = retries - self.tries + 1;
                sys.eprint(&format!(
                    "Warning: Problem: HTTP error. Will retry in {seconds} seconds. {left} retries left.\n"
                ));
            }
            self.stage = Stage::Pause(sys.now() + seconds * 1000);
            return Step::Again;
        }
        if self.opts.has('f') && response.status >= 400 {
            if verbose {
                sys.eprint("* The requested URL returned error: ");
                sys.eprint(&format!("{}\n* Closing connection\n", response.status));
            }
            return self.fail(sys, 22, &format!("The requested URL returned error: {}", response.status));
        }
        if self.opts.has('i') || self.opts.has('I') {
            self.out(sys, head.replace('\n', "\r\n").as_bytes());
        }
        if verbose && !body.is_empty() && !sys.is_tty(1) {
            sys.eprint(&format!("{{ [{} bytes data]\n", body.len()));
        }
        self.out(sys, &body);
        if self.meter(sys) {
            let n = body.len();
            let speed = (n as u64 * 1000).checked_div(sys.now() - self.began).unwrap_or(0);
            sys.eprint(&format!(
                "\r100 {n:5}  100 {n:5}    0     0  {speed:5}      0 --:--:-- --:--:-- --:--:-- {speed:5}\n"
            ));
        }
        if verbose {
            sys.eprint(&format!("* Connection #0 to host {} left intact\n", url.host));
        }
        if let Some(format) = self.opts.value('w').map(String::from) {
            self.write_out(sys, &format, Some(response), body.len());
        }
        self.next()
    }
    /// Writes where `-o` or `-O` say, else to stdout.
    pub(super) fn out(&self, sys: &mut Sys<'_>, bytes: &[u8]) {
        let file = match (self.opts.values('o').get(self.at), self.opts.has('O')) {
            (Some(file), _) => Some(file.to_string()),
            (None, true) => {
                self.first_url.as_ref().map(|u| crate::utilities::support::base_of(&u.path).to_string())
            }
            (None, false) => None,
        };
        match file.as_deref() {
            None | Some("-") => sys.write(1, bytes),
            Some("/dev/null") => {}
            Some(file) => {
                let append = self.opts.has('i');
                if sys.write_file(file, bytes, append).is_err() {
                    sys.eprint(&format!("Warning: Failed to open the file {file}: No such file or directory\ncurl: (23) Failure writing output to destination\n"));
                }
            }
        }
    }
    pub(super) fn write_out(
        &self,
        sys: &mut Sys<'_>,
        format: &str,
        response: Option<&Response>,
        size: usize,
    ) {
        let ms = sys.now() - self.began;
        let seconds = |ms: u64| format!("{}.{:06}", ms / 1000, ms % 1000 * 1000);
        let mut out = String::new();
        let mut rest = format;
        while let Some(at) = rest.find("%{") {
            out.push_str(rest.get(..at).unwrap_or(""));
            let after = rest.get(at + 2..).unwrap_or("");
            let Some(end) = after.find('}') else { break };
            let status = response.map_or(0, |r| r.status);
            let value = match after.get(..end).unwrap_or("") {
                "http_code" | "response_code" => format!("{status:03}"),
                "size_download" => size.to_string(),
                "url_effective" | "url" => self.url.as_ref().map(Url::text).unwrap_or_default(),
                "content_type" => {
                    response.and_then(|r| r.headers.get("Content-Type")).unwrap_or("").to_string()
                }
                "num_redirects" => self.redirects.to_string(),
                "redirect_url" => response.and_then(|r| r.headers.get("Location")).unwrap_or("").to_string(),
                "remote_ip" => self.ip.to_string(),
                "remote_port" => self.url.as_ref().map_or(0, |u| u.port).to_string(),
                "time_total" | "time_starttransfer" => seconds(ms),
                "time_connect" => seconds(ms / 2),
                "time_namelookup" => seconds(0),
                "method" => self.method.unwrap_or(Method::Get).name().to_string(),
                "exitcode" => self.code.to_string(),
                "http_version" => "1.1".into(),
                "num_connects" => "1".into(),
                _ => String::new(),
            };
            out.push_str(&value);
            rest = after.get(end + 1..).unwrap_or("");
        }
        out.push_str(rest);
        let (bytes, _) = crate::shell::escape::unescape(&out, crate::shell::escape::Style::Format);
        sys.write(1, &bytes);
    }
}
