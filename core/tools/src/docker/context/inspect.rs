//! `docker context inspect`.

use super::not_found;
use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use crate::docker::inspect;
use crate::docker::settings::Settings;
use drydock_machinery::go_template::{Dialect, Template};
use drydock_machinery::{Value, json, quote, value};

pub const COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    short: "Show all there is to know of contexts",
    flags: &[&[inspect::FORMAT]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let settings = Settings::load(invocation.sys);
    let mut names = invocation.args.clone();
    if names.is_empty() {
        names.push(settings.context(invocation.sys));
    }
    let all = super::all(invocation.sys, &settings);
    let format = invocation.str("format").to_string();
    let (mut documents, mut lines) = (Vec::new(), String::new());
    for name in names {
        let Some(context) = all.iter().find(|c| c.name == name) else {
            if format.is_empty() {
                invocation.print("[]\n");
            }
            return Err(not_found(&settings, &name));
        };
        let metadata = if name == "default" {
            Value::empty_map()
        } else {
            value!({"Description": (context.description.as_str())})
        };
        let (meta, tls) = if name == "default" {
            ("<IN MEMORY>".to_string(), "<IN MEMORY>".to_string())
        } else {
            let file = settings.context_file(&name);
            let folder = file.trim_end_matches("/meta.json").to_string();
            (folder.clone(), folder.replace("/meta/", "/tls/"))
        };
        if !format.is_empty() && format != "json" {
            let value = value!({
                "Name": (name.as_str()), "Metadata": (metadata), "TLSMaterial": {},
                "Endpoints": {"docker": {"Host": (context.host.as_str()), "SkipTLSVerify": false}},
                "Storage": {"MetadataPath": (meta), "TLSPath": (tls)}
            });
            let template = Template::parse_as(Dialect::Docker, "", &format)
                .map_err(|e| Error::raw(format!("template parsing error: {}\n", e.0)).with_code(64))?;
            let text = template
                .execute_with(&value, false)
                .map_err(|e| Error::raw(format!("template parsing error: {}\n", e.0)))?;
            lines += &(text + "\n");
            continue;
        }
        // In the order of the fields of Go's struct.
        documents.push(format!(
            "{{\"Name\":{},\"Metadata\":{},\"Endpoints\":{{\"docker\":{{\"Host\":{},\"SkipTLSVerify\":false}}}},\"TLSMaterial\":{{}},\"Storage\":{{\"MetadataPath\":{},\"TLSPath\":{}}}}}",
            quote::go(&name),
            json::to_string(&metadata),
            json::quote(&context.host),
            json::quote(&meta),
            json::quote(&tls)
        ));
    }
    let text = match format.as_str() {
        "" => inspect::indented(&documents),
        "json" => format!("[{}]\n", documents.join(",")),
        _ => lines,
    };
    invocation.print(&text);
    Ok(Flow::Done(0))
}
