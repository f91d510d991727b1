//! `kubectl cp`: copies files between the laptop and a container, through a `tar` that must exist in it.
//!
//! Follows kubectl's `cp`: upload asks with `test -d` whether the target is a folder, then feeds
//! `tar -xmf -`; download reads `tar cf -`.

use super::client::Client;
use super::podpick::{container, pick};
use super::session::{Progress, Session, Wanted};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use drydock_container::filesystem::Content;
use drydock_container::machine::Behave;
use drydock_container::tar::{self, Placing};
use drydock_container::{Step, Sys};
use drydock_machinery::Value;

pub const COMMAND: Command = Command {
    name: "cp",
    usage: "cp <file-spec-src> <file-spec-dest>",
    short: "Copy files and directories to and from containers",
    long: "Copy files and directories to and from containers.",
    examples: "# Copy /tmp/foo local file to /tmp/bar in a remote pod in namespace <some-namespace>\nkubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar\n\n# Copy /tmp/foo from a remote pod to /tmp/bar locally\nkubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "container",
        'c',
        "",
        "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen",
    ),
    Flag::bool(
        "no-preserve",
        '\0',
        false,
        "The copied file/directory's ownership and permissions will not be preserved in the container",
    ),
    Flag::new(
        Kind::Int,
        "retries",
        '\0',
        "0",
        "Set number of retries to complete a copy operation from a container. Specify 0 to disable or any negative value for infinite retrying.",
    ),
];

/// One side of the copy: `[[namespace/]pod:]path`.
struct Spec {
    namespace: String,
    /// Empty for the laptop.
    pod: String,
    path: String,
}

fn parse(text: &str) -> Result<Spec, Error> {
    let malformed = || Error::new("filespec must match the canonical format: [[namespace/]pod:]file/path");
    let Some((pod, path)) = text.split_once(':') else {
        return Ok(Spec { namespace: String::new(), pod: String::new(), path: text.into() });
    };
    let (namespace, pod) = match pod.split('/').collect::<Vec<_>>().as_slice() {
        [pod] if !pod.is_empty() => (String::new(), (*pod).to_string()),
        [namespace, pod] if !pod.is_empty() => ((*namespace).to_string(), (*pod).to_string()),
        _ => return Err(malformed()),
    };
    Ok(Spec { namespace, pod, path: path.into() })
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let [from, to] = invocation.args.as_slice() else {
        return Err(Error::new("source and destination are required"));
    };
    let (from, to) = (parse(from)?, parse(to)?);
    if !from.pod.is_empty() && !to.pod.is_empty() {
        return Err(Error::new("one of src or dest must be a local file specification"));
    }
    if from.path.is_empty() || to.path.is_empty() {
        return Err(Error::new("filepath can not be empty"));
    }
    if from.pod.is_empty() && to.pod.is_empty() {
        return Err(Error::new("one of src or dest must be a remote file specification"));
    }
    let remote = if from.pod.is_empty() { &to } else { &from };
    let mut client = Client::new(invocation)?;
    if !remote.namespace.is_empty() {
        client.target.namespace = remote.namespace.clone();
    }
    if from.pod.is_empty() && invocation.sys.lstat(&from.path).is_err() {
        return Err(Error::new(format_args!("{} doesn't exist in local filesystem", from.path)));
    }
    let pod = pick(invocation, &mut client, &remote.pod)?.pod;
    let name = match invocation.str("container") {
        "" => container(invocation, &pod, "", false)?["name"].text().to_string(),
        name => name.to_string(),
    };
    let mut copy = Copy {
        client,
        pod,
        container: name,
        from: from.path,
        to: to.path,
        stage: Stage::Unpacking,
        session: None,
    };
    if from.pod.is_empty() {
        copy.stage = Stage::Asking;
        let to = copy.to.clone();
        copy.open(invocation.sys, &["test", "-d", &to], None)?;
    } else {
        copy.stage = Stage::Reading;
        let from = copy.from.clone();
        copy.open(invocation.sys, &["tar", "cf", "-", &from], None)?;
    }
    Ok(Flow::Continue(Box::new(copy)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    /// Whether the target is a folder.
    Asking,
    /// The container's tar takes our archive.
    Unpacking,
    /// The container's tar gives us its own.
    Reading,
}

#[derive(Clone, Hash)]
struct Copy {
    client: Client,
    pod: Value,
    container: String,
    from: String,
    to: String,
    stage: Stage,
    session: Option<Session>,
}

impl Copy {
    fn open(&mut self, sys: &mut Sys<'_>, command: &[&str], feed: Option<Vec<u8>>) -> Result<(), Error> {
        let wanted = Wanted {
            subresource: "exec",
            command: command.iter().map(|w| (*w).to_string()).collect(),
            container: self.container.clone(),
            stdin: feed.is_some(),
            tty: false,
        };
        let mut session = Session::open(sys, &self.client, &self.pod, &wanted)?;
        session.feed = feed;
        session.captured = Some(Vec::new());
        session.joined = true;
        self.session = Some(session);
        Ok(())
    }
    /// Sends the local files; into the target if that is a folder, else under its name.
    fn upload(&mut self, sys: &mut Sys<'_>, into_folder: bool) -> Result<(), Error> {
        let from = self.from.trim_end_matches('/').to_string();
        let base = from.rsplit('/').next().unwrap_or(&from).to_string();
        let to = self.to.trim_end_matches('/').to_string();
        let (folder, name) = if into_folder {
            (if to.is_empty() { "/".to_string() } else { to }, base)
        } else {
            match to.rsplit_once('/') {
                Some(("", name)) => ("/".to_string(), name.to_string()),
                Some((folder, name)) => (folder.to_string(), name.to_string()),
                None => (".".to_string(), to.clone()),
            }
        };
        let mut entries = Vec::new();
        tar::collect(sys, &from, &name, &mut entries)
            .map_err(|errno| Error::new(format_args!("open {from}: {}", errno.text().to_lowercase())))?;
        self.stage = Stage::Unpacking;
        self.open(sys, &["tar", "-xmf", "-", "-C", &folder], Some(tar::pack(&entries)))
    }
    /// Writes what came from the container under the local name.
    fn download(&self, sys: &mut Sys<'_>, bytes: &[u8]) -> Result<(), Error> {
        let entries = tar::unpack(bytes).map_err(|_| Error::new("unexpected EOF"))?;
        let root = self.from.trim_matches('/').to_string();
        let base = root.rsplit('/').next().unwrap_or(&root).to_string();
        let is_folder =
            sys.stat(&self.to).is_ok_and(|s| s.kind == drydock_container::sys_fs::FileKind::Directory);
        let target =
            if is_folder { format!("{}/{base}", self.to.trim_end_matches('/')) } else { self.to.clone() };
        for entry in entries {
            let inner = entry.path.strip_prefix(&root).unwrap_or(&entry.path).trim_start_matches('/');
            let path = if inner.is_empty() { target.clone() } else { format!("{target}/{inner}") };
            if let Content::Symlink(link) = &entry.inode.content {
                sys.eprint(&format!(
                    "warning: skipping symlink: \"{path}\" -> \"{link}\" (consider using \"kubectl exec -n \\\"{}\\\" \\\"{}\\\" -- tar cf - \\\"{}\\\" | tar xf -\\\"\")\n",
                    self.pod["metadata"]["namespace"].text(),
                    self.pod["metadata"]["name"].text(),
                    self.from
                ));
                continue;
            }
            tar::place(sys, &target, &path, &entry, Placing::default())
                .map_err(|errno| Error::new(format_args!("open {path}: {}", errno.text().to_lowercase())))?;
        }
        Ok(())
    }
    fn turn(&mut self, sys: &mut Sys<'_>) -> Result<Step, Error> {
        let Some(mut session) = self.session.take() else { return Ok(Step::Exit(0)) };
        match (session.poll(sys), self.stage) {
            (Ok(Progress::Wait(on)), _) => {
                self.session = Some(session);
                Ok(Step::Wait(on))
            }
            (Ok(Progress::Done(code)), Stage::Asking) => {
                self.upload(sys, code == 0)?;
                Ok(Step::Again)
            }
            (Err(_), Stage::Asking) => {
                self.upload(sys, false)?;
                Ok(Step::Again)
            }
            (Ok(Progress::Done(0)), Stage::Unpacking) => Ok(Step::Exit(0)),
            // A tar that failed has ended its archive all the same, which is what is looked at.
            (Ok(Progress::Done(_)), Stage::Reading) => {
                self.download(sys, &session.captured.take().unwrap_or_default())?;
                Ok(Step::Exit(0))
            }
            (Ok(Progress::Done(code)), _) => {
                sys.eprint(&format!("command terminated with exit code {code}\n"));
                Ok(Step::Exit(code))
            }
            (Err(failure), _) => Err(failure.into()),
        }
    }
}

impl Behave for Copy {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.turn(sys).unwrap_or_else(|error| {
            sys.eprint(&error.text);
            Step::Exit(error.code)
        })
    }
}
