//! What a webhook answers: an `AdmissionReview` with a response.

use crate::status::Status;
use drydock_machinery::{Value, hash, json};

/// A response that could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub allowed: bool,
    /// Of `status`: what a refusal says.
    pub message: String,
    pub reason: String,
    pub code: i64,
    /// A JSON patch.
    pub patch: Option<Value>,
    pub warnings: Vec<String>,
}

/// Reads a hook's body.
///
/// # Errors
/// Why it is no answer to this request.
pub(super) fn read(body: &Value, uid: &str) -> Result<Answer, String> {
    if body["kind"] != "AdmissionReview" || !body["apiVersion"].text().starts_with("admission.k8s.io/") {
        let (given, kind) = (body["apiVersion"].text(), body["kind"].text());
        return Err(format!(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {given}, Kind={kind}"
        ));
    }
    let response = &body["response"];
    if !response.is_map() {
        return Err("webhook response was absent".into());
    }
    if response["uid"] != uid {
        return Err(format!("expected response.uid=\"{uid}\", got \"{}\"", response["uid"].text()));
    }
    let coded = response["patch"].text();
    let patch = if coded.is_empty() {
        None
    } else {
        if response["patchType"] != "JSONPatch" {
            let given = response["patchType"].text();
            return Err(format!(
                "webhook returned response.patch with invalid response.patchType: \"{given}\""
            ));
        }
        let bytes = hash::base64_decode(coded)?;
        Some(json::parse(&bytes).map_err(|e| e.message)?)
    };
    let status = &response["status"];
    Ok(Answer {
        allowed: response["allowed"].bool(),
        message: status["message"].text().into(),
        reason: status["reason"].text().into(),
        code: status["code"].int(),
        patch,
        warnings: response["warnings"].items().iter().map(|w| w.text().to_string()).collect(),
    })
}

impl Answer {
    /// The refusal as the client reads it (`webhookerrors.ToStatusErr`).
    pub(super) fn refusal(&self, name: &str) -> Status {
        let start = format!("admission webhook \"{name}\" denied the request");
        let message = match (self.message.as_str(), self.reason.as_str()) {
            ("", "") => format!("{start} without explanation"),
            ("", reason) => format!("{start}: {reason}"),
            (message, _) => format!("{start}: {message}"),
        };
        let code = u16::try_from(self.code).ok().filter(|c| (400..600).contains(c)).unwrap_or(400);
        let reason = ["Forbidden", "Invalid", "BadRequest", "Conflict", "NotFound", "InternalError"]
            .into_iter()
            .find(|known| **known == *self.reason)
            .unwrap_or(if code == 403 { "Forbidden" } else { "" });
        Status::new(code, reason, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn review(response: Value) -> Value {
        value!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response})
    }

    #[test]
    fn refusals_are_worded_as_the_real_ones() {
        let denied = |status: Value| {
            let body = review(value!({"uid": "u", "allowed": false, "status": status}));
            read(&body, "u").map(|a| a.refusal("x.io").message)
        };
        let text = "admission webhook \"x.io\" denied the request: no";
        assert_eq!(denied(value!({"message": "no"})), Ok(text.into()));
        let text = "admission webhook \"x.io\" denied the request without explanation";
        assert_eq!(denied(Value::Null), Ok(text.into()));
    }

    #[test]
    fn patches_are_decoded_and_strangers_refused() {
        let ops = hash::base64_encode(br#"[{"op":"add","path":"/a","value":1}]"#);
        let body = review(value!({"uid": "u", "allowed": true, "patchType": "JSONPatch", "patch": ops}));
        assert_eq!(read(&body, "u").map(|a| a.patch.map(|p| p.items().len())), Ok(Some(1)));
        assert!(read(&body, "v").is_err() && read(&value!({"kind": "Pod"}), "u").is_err());
    }
}
