//! `__machineName([variable])`, `__machineIP([variable])` and the plugin function `__env`: the
//! machine that the load comes from.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::OnceLock;

use loadline_plan::program::Call;

use super::{argument, java_trim, store};
use crate::Scope;

/// The name of the machine, as Java's `InetAddress.getLocalHost().getHostName()` has it.
pub(super) fn name(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    static NAME: OnceLock<String> = OnceLock::new();
    let name = NAME.get_or_init(host_name);
    out.extend_from_slice(name.as_bytes());
    store(call, 0, scope, name.as_bytes());
}

/// The address that the machine's name stands for, of version 4 if it has one.
///
/// # Errors
///
/// The name has no address.
pub(super) fn address(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    static ADDRESS: OnceLock<Option<IpAddr>> = OnceLock::new();
    let address = ADDRESS.get_or_init(|| {
        let addresses = (host_name(), 0).to_socket_addrs().ok()?;
        let addresses: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
        let version_4 = addresses.iter().find(|address| address.is_ipv4());
        version_4.or_else(|| addresses.first()).copied()
    });
    let address = address
        .ok_or_else(|| format!("the machine's name `{}` has no address", host_name()))?
        .to_string();
    out.extend_from_slice(address.as_bytes());
    store(call, 0, scope, address.as_bytes());
    Ok(())
}

fn host_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

/// `__env(name[,variable][,default=name])`: a variable of the environment, trimmed.
pub(super) fn environment(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    let default = if call.parameters.len() > 2 {
        argument(call, 2, scope)
    } else {
        name.clone()
    };
    // A name that cannot be one, such as an empty one, is not set.
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    let value = is_name.then(|| std::env::var_os(&*name)).flatten();
    let value = value.map(|value| value.to_string_lossy().into_owned());
    let value = java_trim(value.as_deref().unwrap_or(&default));
    out.extend_from_slice(value.as_bytes());
    let variable = argument(call, 1, scope);
    if !variable.is_empty() {
        scope.variables.set_by_name(&variable, value);
    }
}
