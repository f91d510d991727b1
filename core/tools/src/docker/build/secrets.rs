//! `--secret id=NAME,src=FILE` and `--secret id=NAME,env=VARIABLE`.

use drydock_container::Sys;

/// The contents of the secrets asked for, by id.
///
/// # Errors
/// buildx' texts.
pub fn secrets(sys: &mut Sys<'_>, wanted: &[String]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut out = Vec::new();
    for text in wanted {
        let (mut id, mut file, mut variable) = (String::new(), String::new(), String::new());
        for field in text.split(',') {
            let Some((key, value)) = field.split_once('=') else {
                return Err(format!("invalid field '{field}' must be a key=value pair"));
            };
            match &*key.to_ascii_lowercase() {
                "type" if !matches!(value, "file" | "env") => {
                    return Err(format!("unsupported secret type \"{value}\""));
                }
                "type" => {}
                "id" => id = value.into(),
                "source" | "src" => file = value.into(),
                "env" => variable = value.into(),
                _ => return Err(format!("unexpected key '{key}' in '{field}'")),
            }
        }
        if id.is_empty() {
            return Err(format!("invalid secret {text}: missing id"));
        }
        if file.is_empty() && variable.is_empty() {
            // The id names a variable, or a file.
            if sys.env(&id).is_some() { variable.clone_from(&id) } else { file.clone_from(&id) }
        }
        let bytes = if variable.is_empty() {
            sys.read_file(&file)
                .map_err(|e| format!("failed to stat {file}: stat {file}: {}", e.text().to_lowercase()))?
                .to_vec()
        } else {
            sys.env(&variable).map(|v| v.as_bytes().to_vec()).unwrap_or_default()
        };
        out.push((id, bytes));
    }
    Ok(out)
}
