//! The live map: [`layout`] decides where things lie, [`draw`] makes SVG of it, [`route`] bends the
//! lines between services and pods, [`look`] says how a state is shown.
pub mod draw;
pub mod flights;
pub mod layout;
pub mod look;
pub mod route;
#[cfg(test)]
mod tests;
pub mod walk;
