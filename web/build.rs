//! Packs the course into one file that the page carries: no YAML or Markdown parser is shipped.
#![expect(clippy::expect_used, reason = "a course that cannot be read must stop the build")]

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=../lessons");
    let course = drydock_lesson::pack::course(Path::new("../lessons")).expect("the course");
    let json = serde_json::to_string(&course).expect("plain data");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("course.json"), json).expect("OUT_DIR can be written");
}
