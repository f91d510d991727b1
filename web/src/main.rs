//! Starts the page.
fn main() {
    drydock_web::start();
}
