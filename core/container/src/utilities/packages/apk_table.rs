//! Packages of Alpine: name, version, kilobytes installed, needs, programs.

pub const TABLE: &str = "
apache2|2.4.65-r0|3900|apr|/usr/sbin/httpd=apache
apache2-utils|2.4.65-r0|170|apr|ab htpasswd
apr|1.7.5-r0|200||
bash|5.2.37-r0|1300|readline|/bin/bash=bash
bash-completion|2.16.0-r0|900||
bind-libs|9.20.13-r0|4200||
bind-tools|9.20.13-r0|900|bind-libs|dig nslookup host
brotli-libs|1.1.0-r2|720||
build-base|0.5-r3|1|gcc g++ make musl-dev|
c-ares|1.34.5-r0|140||
ca-certificates|20250911-r0|700||/usr/sbin/update-ca-certificates=true
ca-certificates-bundle|20250911-r0|230||
coreutils|9.7-r1|1200|libacl|
curl|8.14.1-r2|290|brotli-libs c-ares libunistring libidn2 nghttp2-libs libpsl zstd-libs libcurl ca-certificates-bundle|curl
dumb-init|1.2.5-r3|40||dumb-init
expat|2.7.3-r0|120||
file|5.46-r2|9000||file
findutils|4.10.0-r0|500||
fortune|0.1-r2|3000||fortune
g++|14.2.0-r6|60000|gcc|g++
gcc|14.2.0-r6|140000||gcc cc=gcc
gettext|0.24.1-r0|7000||envsubst
gettext-envsubst|0.24.1-r0|60||envsubst
git|2.49.1-r0|14000|ca-certificates libcurl expat pcre2|git
go|1.24.8-r0|220000||go
gnupg|2.4.7-r0|9000||gpg
haproxy|3.2.6-r0|9000||haproxy
htop|3.4.1-r0|250|ncurses-libs|htop=top
iperf3|3.19.1-r0|190||iperf3
iproute2|6.15.0-r0|1600|libmnl|/sbin/ip=ip /bin/ss=ss
iptables|1.8.11-r1|2000|libmnl|/usr/sbin/iptables /usr/sbin/iptables-save
iputils|20240905-r0|180||/bin/ping=ping
iputils-ping|20240905-r0|80||/bin/ping=ping
jq|1.8.1-r0|480|oniguruma|jq
less|679-r0|220|ncurses-libs|less
libacl|2.3.2-r1|50||
libcurl|8.14.1-r2|700||
libevent|2.1.12-r8|800||
libidn2|2.3.7-r0|230||
libmnl|1.0.5-r2|30||
libpcap|1.10.5-r1|330||
libpq|17.6-r0|400||
libpsl|0.21.5-r3|90||
libunistring|1.3-r0|1800||
linux-headers|6.14.2-r0|5000||
lsof|4.99.4-r0|190||lsof
make|4.4.1-r3|260||make
mariadb-client|11.4.8-r0|35000||mysql mariadb=mysql mysqldump
memcached|1.6.32-r0|300|libevent|memcached
musl-dev|1.2.5-r10|10000||
mysql-client|11.4.8-r0|20|mariadb-client|
nano|8.4-r0|900|ncurses-libs|nano
ncurses-libs|6.5_p20250503-r0|500||
net-tools|2.10-r3|600||netstat ifconfig
netcat-openbsd|1.229.1-r0|40||nc
nghttp2-libs|1.65.0-r0|160||
nginx|1.28.0-r3|1300|pcre2|/usr/sbin/nginx=nginx
nmap|7.97-r0|5500||nmap
nodejs|22.16.0-r2|66000|c-ares|node
npm|11.3.0-r1|13000|nodejs|npm npx
oniguruma|6.9.10-r0|550||
openjdk17-jre|17.0.16_p8-r0|200000||java
openssh|10.0_p1-r9|800|openssh-client|/usr/sbin/sshd
openssh-client|10.0_p1-r9|3000||ssh scp ssh-keygen
openssl|3.5.4-r0|900||openssl
pcre2|10.43-r1|700||
perl|5.40.3-r0|40000||perl
php84|8.4.13-r0|10000||php84
postgresql-client|17.6-r0|7|libpq|psql pg_isready pg_dump
procps|4.0.4-r3|600|ncurses-libs|/bin/ps=ps top free
py3-pip|25.1.1-r0|9500|python3|pip pip3=pip
python3|3.12.12-r0|32000|expat|python3 python=python3
readline|8.2.13-r1|330|ncurses-libs|
redis|8.0.4-r0|3700||redis-server redis-cli
rsync|3.4.1-r0|600||rsync
ruby|3.4.4-r0|11000||ruby
shadow|4.17.3-r0|600||/usr/sbin/useradd=useradd /usr/sbin/groupadd=groupadd /usr/sbin/usermod=usermod
socat|1.8.0.3-r1|480||socat
strace|6.14-r0|2000||strace
stress-ng|0.18.12-r0|2900||stress-ng=stress
su-exec|0.2-r3|30||/sbin/su-exec=sudo
sudo|1.9.17_p2-r0|3700||sudo
supervisor|4.2.5-r5|2400|python3|supervisord supervisorctl
tcpdump|4.99.5-r1|1200|libpcap|tcpdump
tini|0.19.0-r3|50||/sbin/tini=tini
tmux|3.5a-r1|900|libevent ncurses-libs|tmux
tree|2.2.1-r0|110||tree
tzdata|2025b-r0|1900||
unzip|6.0-r15|300||unzip
util-linux|2.41-r9|10|lsblk|
lsblk|2.41-r9|160||lsblk unshare nsenter lsns
vim|9.1.1415-r0|3000|ncurses-libs|vim
wget|1.25.0-r1|500|libidn2 pcre2|wget
wrk|4.2.0-r5|150||wrk
yarn|1.22.22-r1|5000|nodejs|yarn
yq|4.46.1-r6|11000||yq
yq-go|4.46.1-r6|11000||yq
zip|3.0-r13|400||zip
zstd-libs|1.5.7-r0|660||
zsh|5.9-r5|7000|ncurses-libs|/bin/zsh=bash
";

/// What a bare Alpine has.
pub const BASE: [&str; 15] = [
    "alpine-baselayout",
    "alpine-baselayout-data",
    "alpine-keys",
    "alpine-release",
    "apk-tools",
    "busybox",
    "busybox-binsh",
    "libapk2",
    "libcrypto3",
    "libssl3",
    "musl",
    "musl-utils",
    "scanelf",
    "ssl_client",
    "zlib",
];
