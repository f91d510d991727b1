//! Images on hosts, and pulls under way.

use crate::images::Image;
use crate::space::SpaceId;
use imbl::OrdMap;
use std::sync::Arc;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Images {
    /// By host and full reference (`docker.io/library/nginx:latest`).
    pub local: OrdMap<(SpaceId, Arc<str>), Arc<Image>>,
}
