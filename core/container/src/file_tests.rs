//! System calls on files, pseudo files, mounts and permissions, through a program that runs a closure.

use crate::machines::{Machines, Nowhere};
use crate::path::WRITE;
use crate::space::{Mount, SpaceId};
use crate::spec::Overrides;
use crate::sys::Sys;
use crate::testing::*;
use crate::{Errno, OpenOptions, Read, Signal};
use drydock_network::address::Ip;
use std::sync::Arc;

/// A container with a sleeping first process, and a system call view of that process.
fn with<T>(
    over: Overrides,
    mounts: &[(&str, Mount)],
    look: impl FnOnce(&mut Sys<'_>) -> T,
) -> (Machines, SpaceId, T) {
    let (mut m, host) = world();
    let over = Overrides { args: Some(vec!["sleep".into()]), ..over };
    let c = container(&mut m, host, "busybox", 1, over);
    let mounts: Arc<[(Arc<str>, Mount)]> =
        mounts.iter().map(|(at, mount)| (Arc::from(*at), mount.clone())).collect();
    m.space_mut(c).unwrap().mounts = mounts;
    for _ in 0..2 {
        m.add_volume();
    }
    let pid = m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 1);
    let out = look(&mut Sys::new(&mut m, &mut Nowhere, pid));
    (m, c, out)
}
fn text(sys: &mut Sys<'_>, path: &str) -> Result<String, Errno> {
    sys.read_file(path).map(|b| String::from_utf8(b.to_vec()).unwrap())
}
fn user(name: &str) -> Overrides {
    Overrides { user: Some(name.into()), ..Overrides::default() }
}

#[test]
fn files_are_made_read_and_removed() {
    with(Overrides::default(), &[], |sys| {
        sys.mkdir("/tmp/d", 0o777).unwrap();
        assert_eq!(sys.mkdir("/tmp/d", 0o777), Err(Errno::Eexist));
        assert_eq!(sys.stat("/tmp/d").map(|s| s.mode), Ok(0o755), "umask 022");
        sys.chdir("/tmp/d").unwrap();
        sys.write_file("a", b"one\n", false).unwrap();
        sys.write_file("a", b"two\n", true).unwrap();
        assert_eq!(text(sys, "a"), Ok("one\ntwo\n".into()));
        sys.symlink("a", "l").unwrap();
        sys.link("a", "h").unwrap();
        assert_eq!(sys.stat("a").map(|s| s.links), Ok(2));
        assert_eq!(sys.readlink("l"), Ok("a".into()));
        assert_eq!(sys.list("."), Ok(vec!["a".into(), "h".into(), "l".into()]));
        assert_eq!(sys.rmdir("/tmp/d"), Err(Errno::Enotempty));
        assert_eq!(sys.unlink("/tmp"), Err(Errno::Eisdir));
        let fd = sys.open("l", OpenOptions::READ).unwrap();
        for name in ["a", "h"] {
            sys.unlink(name).unwrap();
        }
        assert_eq!(sys.read_line(fd), Read::Data(b"one\n".to_vec()), "an open file outlives its names");
        assert_eq!(text(sys, "l"), Err(Errno::Enoent));
        sys.rename("/tmp/d", "/tmp/e").unwrap();
        assert_eq!(sys.lstat("/tmp/e/l").map(|s| s.target), Ok(Some("a".into())));
        assert_eq!(sys.rename("/tmp", "/tmp/x"), Err(Errno::Einval));
        sys.symlink("/loop2", "/loop1").unwrap();
        sys.symlink("/loop1", "/loop2").unwrap();
        assert_eq!(text(sys, "/loop1"), Err(Errno::Eloop));
        assert_eq!(text(sys, "/etc/passwd/x"), Err(Errno::Enotdir));
        assert_eq!(text(sys, &"x".repeat(5000)), Err(Errno::Enametoolong));
        assert_eq!(sys.truncate("/tmp/e", 1), Err(Errno::Eisdir));
    });
}

#[test]
fn descriptors_share_offsets_and_go_where_they_are_told() {
    with(Overrides::default(), &[], |sys| {
        let fd = sys.open("/tmp/f", OpenOptions::WRITE).unwrap();
        sys.dup2(fd, 9).unwrap();
        sys.write(fd, b"ab");
        sys.write(9, b"cd");
        sys.close(fd).unwrap();
        sys.write(9, b"ef");
        assert_eq!(text(sys, "/tmp/f"), Ok("abcdef".into()));
        let exclusive = OpenOptions { create_new: true, ..OpenOptions::WRITE };
        assert_eq!(sys.open("/tmp/f", exclusive), Err(Errno::Eexist));
        let (r, w) = sys.pipe().unwrap();
        sys.write(w, b"x\ny");
        assert_eq!(sys.read_line(r), Read::Data(b"x\n".to_vec()));
        assert_eq!(sys.read_line(r), Read::Block);
        sys.close(w).unwrap();
        assert_eq!(sys.read_line(r), Read::Data(b"y".to_vec()));
        assert_eq!(sys.read_line(r), Read::End);
        assert_eq!(sys.close(99), Err(Errno::Ebadf));
        assert_eq!(sys.write_file("/dev/null", b"gone", false), Ok(()));
        assert_eq!(sys.open("/dev/tty", OpenOptions::READ), Err(Errno::Enxio));
        let zero = sys.open("/dev/zero", OpenOptions::READ).unwrap();
        assert_eq!(sys.read(zero, 4), Read::Data(vec![0; 4]));
    });
}

#[test]
fn permissions_hold_for_ordinary_users() {
    with(user("1000:1000"), &[], |sys| {
        assert_eq!(sys.write_file("/etc/x", b"", false), Err(Errno::Eacces));
        assert_eq!(sys.write_file("/etc/passwd", b"", true), Err(Errno::Eacces));
        assert_eq!(sys.list("/root"), Err(Errno::Eacces));
        assert_eq!(text(sys, "/root/x"), Err(Errno::Eacces));
        assert_eq!(sys.chmod("/etc/passwd", 0o777), Err(Errno::Eperm));
        sys.write_file("/tmp/mine", b"1", false).unwrap();
        sys.chmod("/tmp/mine", 0o000).unwrap();
        assert_eq!(text(sys, "/tmp/mine"), Err(Errno::Eacces));
        assert!(!sys.may("/etc/passwd", WRITE) && sys.may("/tmp", WRITE));
        assert_eq!(sys.unlink("/tmp/mine"), Ok(()));
    });
    let read_only = Overrides { read_only_root: true, ..Overrides::default() };
    with(read_only, &[], |sys| {
        assert_eq!(sys.write_file("/tmp/x", b"", false), Err(Errno::Erofs));
        assert_eq!(sys.mkdir("/x", 0o755), Err(Errno::Erofs));
        assert_eq!(sys.write_file("/etc/hosts", b"10.0.0.9 db\n", true), Ok(()), "the runtime's own mount");
        assert_eq!(sys.resolve("db"), Some(vec![Ip::new(10, 0, 0, 9)]));
    });
}

#[test]
fn the_runtime_makes_its_files() {
    let (m, c, ()) = with(Overrides::default(), &[], |sys| {
        assert_eq!(text(sys, "/etc/hostname"), Ok("c1\n".into()));
        assert!(text(sys, "/etc/hosts").unwrap().contains("10.1.0.1\tc1\n"));
        assert_eq!(sys.resolve("localhost"), Some(vec![Ip::LOOPBACK]));
        assert_eq!(sys.env("HOSTNAME").as_deref(), Some("c1"));
        assert_eq!(sys.unlink("/etc/hosts"), Err(Errno::Ebusy));
        assert!(sys.list("/etc").unwrap().contains(&"resolv.conf".to_string()));
        assert_eq!(sys.readlink("/proc/self"), Ok("1".into()));
        assert_eq!(text(sys, "/proc/self/cmdline"), Ok("sleep\0".into()));
        assert_eq!(text(sys, "/proc/1/comm"), Ok("sleep\n".into()));
        assert!(sys.list("/proc").unwrap().starts_with(&["1".into(), "cpuinfo".into()]));
        assert!(text(sys, "/proc/meminfo").unwrap().starts_with("MemTotal:        8388608 kB\n"));
        assert_eq!(sys.mkdir("/proc/x", 0o755), Err(Errno::Enoent).or(Err(Errno::Eperm)));
        sys.write_file("/proc/1/fd/1", b"to the log\n", false).unwrap();
        sys.write_file("/dev/stderr", b"an error\n", false).unwrap();
    });
    assert_eq!(log_text(&m, c), "to the log\nan error\n");
}

#[test]
fn volumes_are_shared_and_mounts_hide() {
    let mount = |read_only| Mount { volume: 1, sub_path: "".into(), read_only };
    let (mut m, c, ()) =
        with(Overrides::default(), &[("/data/deep", mount(false)), ("/ro", mount(true))], |sys| {
            assert!(sys.list("/").unwrap().contains(&"data".to_string()), "folders above mount points exist");
            assert_eq!(sys.list("/data"), Ok(vec!["deep".into()]));
            sys.write_file("/data/deep/f", b"hi", false).unwrap();
            assert_eq!(text(sys, "/ro/f"), Ok("hi".into()));
            assert_eq!(sys.write_file("/ro/f", b"no", false), Err(Errno::Erofs));
            assert_eq!(sys.rename("/data/deep/f", "/tmp/f"), Err(Errno::Exdev));
            assert_eq!(sys.rmdir("/data/deep"), Err(Errno::Ebusy));
            sys.chdir("/data/deep").unwrap();
            assert_eq!(sys.real_path("../../ro/f"), Ok("/ro/f".into()));
        });
    // The volume outlives its container.
    m.stop(c, Some(Signal::Kill));
    run(&mut m, 1);
    m.remove_container(c);
    assert!(m.volumes.get(&1).is_some_and(|v| v.get("/f").is_some()));
}

#[test]
fn disks_have_an_end() {
    with(Overrides::default(), &[], |sys| {
        let much = vec![b'x'; drydock_machinery::limits::FILE_BYTES];
        assert_eq!(sys.write_file("/tmp/big", &much, false), Ok(()));
        assert_eq!(sys.write_file("/tmp/big", b"x", true), Err(Errno::Efbig));
        assert_eq!(sys.truncate("/tmp/x", u64::MAX), Err(Errno::Efbig));
        let mut last = Ok(());
        for n in 0..9 {
            last = sys.write_file(&format!("/tmp/big{n}"), &much, false);
        }
        assert_eq!(last, Err(Errno::Enospc));
        let mut opened = 0;
        while sys.open("/etc/passwd", OpenOptions::READ).is_ok() {
            opened += 1;
        }
        assert!(opened < 1_024);
    });
}

#[test]
fn mount_points_follow_the_images_links() {
    let (mut m, host) = world();
    let debian = image(&mut m, "debian");
    let volume = m.add_volume();
    let config = Arc::new(crate::Config::of(&debian, args(&["sleep"])));
    let net = m.add_net(Ip::new(10, 1, 0, 1), host);
    let mount = Mount { volume, sub_path: "".into(), read_only: true };
    let mounts = [("/var/run/secrets/token".into(), mount)].into();
    let hostname = "c".into();
    let c = m.create_container(crate::ContainerSpec { image: debian, config, hostname, host, net, mounts });
    m.start_container(&mut Nowhere, c).unwrap();
    assert_eq!(m.real_path(c, "/", "/var/run/secrets/token"), Ok("/run/secrets/token".into()));
    assert!(m.inode_at(c, "/run/secrets/token").is_some());
}
