//! What a controller changes of an object: whole trees, the others staying as they are.

use drydock_machinery::Value;

/// The trees an update replaces; `None` leaves one as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// metadata without name, namespace, uid, resourceVersion and timestamps.
    pub metadata: Option<Value>,
    pub spec: Option<Value>,
    pub status: Option<Value>,
    pub rest: Option<Value>,
    /// The path the real component writes to, where that is not the object's own: `status`.
    pub subresource: Option<&'static str>,
}

impl Edit {
    #[must_use]
    pub fn spec(spec: Value) -> Edit {
        Edit { spec: Some(spec), ..Edit::default() }
    }
    #[must_use]
    pub fn metadata(metadata: Value) -> Edit {
        Edit { metadata: Some(metadata), ..Edit::default() }
    }
    #[must_use]
    pub fn rest(rest: Value) -> Edit {
        Edit { rest: Some(rest), ..Edit::default() }
    }
}
