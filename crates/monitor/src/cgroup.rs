//! Limits and throttling of a process's control group, versions 1 and 2.

use std::fs;
use std::path::{Path, PathBuf};

/// Where a process's group keeps its CPU and memory settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cgroup {
    cpu: Option<PathBuf>,
    memory: Option<PathBuf>,
    unified: Option<PathBuf>,
}

/// Counts of CPU bandwidth periods since the group was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Periods {
    pub(crate) all: u64,
    pub(crate) throttled: u64,
}

impl Cgroup {
    /// The group of the process whose `/proc/PID/cgroup` reads `text`, below `root`
    /// (`/sys/fs/cgroup`). Folders that are not there (a container sees only its own part) fall
    /// back to the controller's root.
    pub(crate) fn find(text: &str, root: &Path) -> Self {
        let mut cgroup = Self::default();
        for line in text.lines() {
            let mut fields = line.splitn(3, ':');
            let (Some(_), Some(controllers), Some(path)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let path = path.trim_start_matches('/');
            if controllers.is_empty() {
                cgroup.unified =
                    existing(root, path).or_else(|| existing(&root.join("unified"), path));
            }
            for controller in controllers.split(',') {
                let folder = existing(&root.join(controller), path);
                match controller {
                    "cpu" => cgroup.cpu = folder,
                    "memory" => cgroup.memory = folder,
                    _ => {}
                }
            }
        }
        cgroup
    }

    /// Cores that the CPU quota allows; `None` without a quota.
    pub(crate) fn allowed_cores(&self) -> Option<f64> {
        if let Some(text) = read(self.unified.as_deref(), "cpu.max") {
            return parse_cpu_max(&text);
        }
        let quota: f64 = read(self.cpu.as_deref(), "cpu.cfs_quota_us")?
            .trim()
            .parse()
            .ok()?;
        let period: f64 = read(self.cpu.as_deref(), "cpu.cfs_period_us")?
            .trim()
            .parse()
            .ok()?;
        (quota > 0.0 && period > 0.0).then_some(quota / period)
    }

    /// Memory limit in bytes; `None` without a limit.
    pub(crate) fn memory_limit_bytes(&self) -> Option<u64> {
        let text = read(self.unified.as_deref(), "memory.max")
            .or_else(|| read(self.memory.as_deref(), "memory.limit_in_bytes"))?;
        // Version 1 writes "no limit" as a number near the largest.
        text.trim().parse().ok().filter(|bytes| *bytes < 1 << 60)
    }

    /// CPU bandwidth periods; `None` without a quota or counters.
    pub(crate) fn periods(&self) -> Option<Periods> {
        let text = read(self.unified.as_deref(), "cpu.stat")
            .filter(|text| text.contains("nr_periods"))
            .or_else(|| read(self.cpu.as_deref(), "cpu.stat"))?;
        parse_periods(&text)
    }
}

fn existing(folder: &Path, path: &str) -> Option<PathBuf> {
    [folder.join(path), folder.to_path_buf()]
        .into_iter()
        .find(|candidate| candidate.is_dir())
}

fn read(folder: Option<&Path>, file: &str) -> Option<String> {
    fs::read_to_string(folder?.join(file)).ok()
}

fn parse_cpu_max(text: &str) -> Option<f64> {
    let mut fields = text.split_whitespace();
    let quota: f64 = fields.next()?.parse().ok()?;
    let period: f64 = fields.next()?.parse().ok()?;
    (period > 0.0).then_some(quota / period)
}

fn parse_periods(text: &str) -> Option<Periods> {
    let field = |name: &str| {
        let line = text
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(Periods {
        all: field("nr_periods")?,
        throttled: field("nr_throttled")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_2_quota_and_periods() {
        assert_eq!(parse_cpu_max("50000 100000\n"), Some(0.5));
        assert_eq!(parse_cpu_max("max 100000\n"), None);
        let text = "usage_usec 5\nnr_periods 10\nnr_throttled 3\nthrottled_usec 7\n";
        assert_eq!(
            parse_periods(text),
            Some(Periods {
                all: 10,
                throttled: 3
            })
        );
        assert_eq!(parse_periods("usage_usec 5\n"), None);
    }

    #[test]
    fn version_1_and_2_fixture_trees() {
        let root = std::env::temp_dir().join(format!("loadline-cgroup-{}", std::process::id()));
        let group = root.join("cpu/app");
        fs::create_dir_all(&group).unwrap();
        fs::write(group.join("cpu.cfs_quota_us"), "200000\n").unwrap();
        fs::write(group.join("cpu.cfs_period_us"), "100000\n").unwrap();
        fs::create_dir_all(root.join("memory")).unwrap();
        fs::write(root.join("memory/memory.limit_in_bytes"), "1048576\n").unwrap();
        let first = Cgroup::find("4:memory:/elsewhere\n1:cpu:/app\n", &root);
        assert_eq!(first.allowed_cores(), Some(2.0));
        assert_eq!(first.memory_limit_bytes(), Some(1_048_576));

        let unified = root.join("slice");
        fs::create_dir_all(&unified).unwrap();
        fs::write(unified.join("cpu.max"), "150000 100000\n").unwrap();
        fs::write(unified.join("memory.max"), "max\n").unwrap();
        let second = Cgroup::find("0::/slice\n", &root);
        assert_eq!(second.allowed_cores(), Some(1.5));
        assert_eq!(second.memory_limit_bytes(), None);
        fs::remove_dir_all(&root).unwrap();
    }
}
