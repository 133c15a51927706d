//! What a virtual user costs while it waits.

use loadline_protocols::HttpSession;

use crate::user::{User, get};

#[tokio::test]
async fn a_waiting_user_is_small() {
    let mut user = User::new();
    let program = get("http://127.0.0.1/");
    let sample = user.sample(&program);
    let size = std::mem::size_of_val(&sample);
    assert!(size <= 1536, "the future of a sample takes {size} bytes");
    assert!(std::mem::size_of::<HttpSession>() <= 64);
}
