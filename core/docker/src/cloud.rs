//! What a cloud account answers about its container registry: the ECR API (`AmazonEC2ContainerRegistry_V20150921`,
//! JSON 1.1) and who is calling. One account; every key pair is its owner's.
//!
//! Left out: policies, scanning, lifecycle rules, replication; the caller's identity is asked in JSON, where the
//! real service speaks the query protocol.

use drydock_container::Machines;
use drydock_container::images::Image;
use drydock_machinery::sort::Arrange;
use drydock_machinery::time::Timestamp;
use drydock_machinery::{Value, hash, value};
use drydock_network::http::{Request, Response};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The learner's account.
pub const ACCOUNT: &str = "123456789012";
/// Hours for which a registry's password is good.
const PASSWORD_HOURS: i64 = 12;

/// A refusal: the exception's name and its text.
type Refusal = (&'static str, String);

/// The answer of the cloud, if `to` (scheme and host) is one of its addresses.
pub fn answer(machines: &mut Machines, to: &str, request: &Request) -> Option<Response> {
    let host = to.strip_prefix("https://")?.strip_suffix(".amazonaws.com")?;
    let (service, region) = host.trim_start_matches("api.").split_once('.')?;
    let operation = request.headers.get("X-Amz-Target")?.rsplit_once('.')?.1.to_string();
    let body = request.body.json().unwrap_or_default();
    let registry = Registry { machines, domain: format!("{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"), region };
    let answered = match (service, operation.as_str()) {
        ("sts", "GetCallerIdentity") => Ok(identity()),
        ("ecr", operation) => registry.operation(operation, &body),
        _ => return None,
    };
    Some(match answered {
        Ok(value) => Response::json(200, value),
        Err((name, text)) => Response::json(400, value!({"__type": name, "message": text})),
    })
}

/// A time as the command line shows it.
fn moment(unix: i64) -> String {
    Timestamp(unix).to_rfc3339().replace('Z', "+00:00")
}

fn identity() -> Value {
    value!({"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": format!("arn:aws:iam::{ACCOUNT}:root")})
}

struct Registry<'a> {
    machines: &'a mut Machines,
    domain: String,
    region: &'a str,
}

impl Registry<'_> {
    fn operation(mut self, operation: &str, body: &Value) -> Result<Value, Refusal> {
        let name = body["repositoryName"].text();
        match operation {
            "GetAuthorizationToken" => Ok(self.token()),
            "CreateRepository" => self.create(name),
            "DescribeRepositories" => self.describe(&body["repositoryNames"]),
            "DeleteRepository" => self.delete(name, body["force"].bool()),
            "ListImages" => {
                let images = self.existing(name)?;
                let ids =
                    images.iter().map(|(tag, image)| value!({"imageDigest": digest(image), "imageTag": tag}));
                Ok(value!({"imageIds": Value::from_items(ids.collect())}))
            }
            "DescribeImages" => {
                let images = self.existing(name)?;
                Ok(value!({"imageDetails": details(name, &images)}))
            }
            _ => Err(("UnknownOperationException", String::new())),
        }
    }
    fn token(&self) -> Value {
        let now = self.machines.clock.unix();
        let secret = hash::sha256_hex(format!("{} {}", self.region, now / 3600).as_bytes());
        let password = hash::base64_encode(
            format!("{{\"payload\":\"{secret}\",\"version\":\"2\",\"type\":\"DATA_KEY\"}}").as_bytes(),
        );
        let expires = moment(now + PASSWORD_HOURS * 3600);
        value!({"authorizationData": [{
            "authorizationToken": hash::base64_encode(format!("AWS:{password}").as_bytes()),
            "expiresAt": expires,
            "proxyEndpoint": format!("https://{}", self.domain)
        }]})
    }
    fn full(&self, name: &str) -> Arc<str> {
        format!("{}/{name}", self.domain).into()
    }
    fn document(&self, name: &str, created: i64) -> Value {
        value!({
            "repositoryArn": format!("arn:aws:ecr:{}:{ACCOUNT}:repository/{name}", self.region),
            "registryId": ACCOUNT,
            "repositoryName": name,
            "repositoryUri": format!("{}/{name}", self.domain),
            "createdAt": moment(created),
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": {"scanOnPush": false},
            "encryptionConfiguration": {"encryptionType": "AES256"}
        })
    }
    fn create(&mut self, name: &str) -> Result<Value, Refusal> {
        if !is_name(name) {
            return Err((
                "InvalidParameterException",
                "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''".into(),
            ));
        }
        let full = self.full(name);
        if self.machines.images.repositories.contains_key(&full) {
            return Err((
                "RepositoryAlreadyExistsException",
                format!(
                    "The repository with name '{name}' already exists in the registry with id '{ACCOUNT}'"
                ),
            ));
        }
        let now = self.machines.clock.unix();
        self.machines.images.repositories.insert(full, now);
        Ok(value!({"repository": self.document(name, now)}))
    }
    /// Names and times of creation, by name.
    fn repositories(&self) -> BTreeMap<&str, i64> {
        let prefix = format!("{}/", self.domain);
        let all = self.machines.images.repositories.iter();
        all.filter_map(|(full, created)| Some((full.strip_prefix(prefix.as_str())?, *created))).collect()
    }
    fn describe(&self, names: &Value) -> Result<Value, Refusal> {
        let all = self.repositories();
        let wanted: Vec<&str> = names.items().iter().map(Value::text).collect();
        if let Some(missing) = wanted.iter().find(|name| !all.contains_key(*name)) {
            return Err(not_found(missing));
        }
        let shown = all.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
        let documents = shown.map(|(name, created)| self.document(name, *created)).collect();
        Ok(value!({"repositories": Value::from_items(documents)}))
    }
    fn delete(&mut self, name: &str, force: bool) -> Result<Value, Refusal> {
        let images = self.existing(name)?;
        if !images.is_empty() && !force {
            return Err((
                "RepositoryNotEmptyException",
                format!(
                    "The repository with name '{name}' in registry with id '{ACCOUNT}' cannot be deleted because it still contains images"
                ),
            ));
        }
        let full = self.full(name);
        for (tag, _) in images {
            self.machines.images.registry.remove(format!("{full}:{tag}").as_str());
        }
        let created = self.machines.images.repositories.remove(&full).unwrap_or_default();
        let document = self.document(name, created);
        Ok(
            value!({"repository": document.without("imageScanningConfiguration").without("encryptionConfiguration")}),
        )
    }
    /// Tags and images of a repository.
    fn existing(&self, name: &str) -> Result<Vec<(String, Arc<Image>)>, Refusal> {
        let full = self.full(name);
        if !self.machines.images.repositories.contains_key(&full) {
            return Err(not_found(name));
        }
        let prefix = format!("{full}:");
        let all = self.machines.images.registry.iter();
        Ok(all
            .filter_map(|(k, image)| Some((k.strip_prefix(prefix.as_str())?.into(), image.clone())))
            .collect())
    }
}

fn not_found(name: &str) -> Refusal {
    (
        "RepositoryNotFoundException",
        format!("The repository with name '{name}' does not exist in the registry with id '{ACCOUNT}'"),
    )
}

fn digest(image: &Image) -> String {
    format!("sha256:{}", image.digest)
}

/// One entry a digest, with all its tags.
fn details(name: &str, images: &[(String, Arc<Image>)]) -> Value {
    let mut by_digest: BTreeMap<String, (Vec<&str>, &Image)> = BTreeMap::new();
    for (tag, image) in images {
        by_digest.entry(digest(image)).or_insert_with(|| (Vec::new(), image)).0.push(tag);
    }
    let mut entries: Vec<_> = by_digest.into_iter().collect();
    entries.arrange_by_key(|(_, (_, image))| image.created);
    let documents = entries.into_iter().map(|(digest, (tags, image))| {
        let tags: Vec<Value> = tags.into_iter().map(Value::from).collect();
        value!({
            "registryId": ACCOUNT,
            "repositoryName": name,
            "imageDigest": digest,
            "imageTags": Value::from_items(tags),
            "imageSizeInBytes": (image.size as i64),
            "imagePushedAt": moment(image.created)
        })
    });
    Value::from_items(documents.collect())
}

/// Lower-case words joined by single `.`, `_` or `-`, in parts between `/`; two to 256 characters.
fn is_name(name: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (2..=256).contains(&name.len()) && name.split('/').all(|part| part.split(['.', '_', '-']).all(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_the_services_expression_does() {
        for good in ["web", "team/web", "a.b-c_d/e"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a", "Web", "web/", "a--b", "-web", "web:1"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
