//! Cases that say nothing of docker: the recording's tiny stand-in images, its machine, its hub.

use super::Case;

/// Number and reason.
pub const LIST: &[(i64, &str)] = &[
    (6, "versions of the recording machine's daemon and runtimes"),
    (7, "plugins, kernel and identity of the recording machine"),
    (22, "the stand-in repository has one tag only"),
    (68, "the stand-in's ps shows no times"),
    (69, "the stand-in's ps shows no times"),
    (370, "sizes and layers of the stand-in redis"),
    (247, "the recording's engine held the stand-ins' layers for others; the order is a Go map's"),
    (253, "the recording's engine held the stand-ins' layer for others too"),
    (21, "the recording machine's own name server in the text"),
    (105, "the stand-in nginx' page"),
    (106, "the stand-in nginx' log"),
    (107, "the stand-in nginx' log"),
    (108, "the stand-in nginx' log"),
    (111, "the stand-in nginx' log"),
    (115, "the stand-in nginx is busybox httpd"),
    (116, "environment of the stand-in nginx"),
    (126, "files of the stand-in nginx"),
    (134, "the stand-in nginx is busybox httpd"),
    (135, "the stand-in nginx is busybox httpd"),
    (137, "use of the recording machine"),
    (388, "results of the recording's made-up hub"),
    (389, "the recording's hub ignored the limit"),
    (390, "results of the recording's made-up hub"),
    (393, "results of the recording's made-up hub"),
];

/// Excluded cases that are not even run: they would leave behind what the recording did not have.
pub const SKIPPED: &[i64] = &[22];

pub fn reason(case: &Case) -> Option<&'static str> {
    LIST.iter().find(|(id, _)| *id == case.id).map(|(_, why)| *why)
}
pub fn count() -> usize {
    LIST.len()
}
