//! Packages of Debian and Ubuntu: name, version, kilobytes, needs (`?` recommended), programs.

pub const TABLE: &str = "
apache2|2.4.65-1~deb12u1|217|apache2-bin apache2-utils|/usr/sbin/apache2=apache /usr/sbin/apachectl=apache
apache2-bin|2.4.65-1~deb12u1|1388|libapr1|
apache2-utils|2.4.65-1~deb12u1|205|libapr1|ab htpasswd
apt-transport-https|2.6.1|25||
apt-utils|2.6.1|309||
bash-completion|2.11-6|234||
bc|1.07.1-3+b1|105||bc
bind9-dnsutils|9.18.41-1~deb12u1|404|bind9-libs bind9-host|dig nslookup
bind9-host|9.18.41-1~deb12u1|308|bind9-libs|host
bind9-libs|9.18.41-1~deb12u1|1420|libxml2|
bsdmainutils|12.1.8|7|bsdextrautils|
bsdextrautils|2.38.1-5+deb12u3|87||column hexdump hd
build-essential|12.9|7|gcc g++ make|
ca-certificates|20230311+deb12u1|155|openssl|/usr/sbin/update-ca-certificates=true
cmake|3.25.1-1|8692||cmake
cowsay|3.03+dfsg2-8|21|perl|/usr/games/cowsay
cron|3.0pl1-162|70||crontab /usr/sbin/cron
curl|7.88.1-10+deb12u14|316|libcurl4 ?ca-certificates|curl
default-jre|2:1.17-74|1|openjdk-17-jre-headless|
default-jdk|2:1.17-74|1|openjdk-17-jdk|
default-mysql-client|1.1.0|2|mariadb-client|
dialog|1.3-20230209-1|376||dialog
dnsutils|1:9.18.41-1~deb12u1|11|bind9-dnsutils|
docker.io|20.10.24+dfsg1-1+deb12u1|36200|iptables|
dumb-init|1.2.5-2|14||dumb-init
fdisk|2.38.1-5+deb12u3|142||/sbin/fdisk
file|1:5.44-3|42|libmagic1|file
fortune-mod|1:1.99.1-7.3|40|fortunes-min|/usr/games/fortune
fortunes|1:1.99.1-7.3|2100|fortune-mod|
fortunes-min|1:1.99.1-7.3|62||
gawk|1:5.2.1-2|673||gawk=awk
gcc|4:12.2.0-3|5|gcc-12|
gcc-12|12.2.0-14+deb12u1|19300||gcc cc=gcc
g++|4:12.2.0-3|1|gcc|g++
gettext-base|0.21-12|160||envsubst
git|1:2.39.5-0+deb12u2|7260|git-man liberror-perl perl libcurl3-gnutls ?ca-certificates|git
git-man|1:2.39.5-0+deb12u2|2053||
gnupg|2.2.40-1.1+deb12u1|846|gpg|
gpg|2.2.40-1.1+deb12u1|949||gpg
golang|2:1.19~1|4|golang-go|
golang-go|2:1.19~1|43||go
gosu|1.14-1+b10|1180||/usr/sbin/gosu
haproxy|2.6.12-1+deb12u2|2052||/usr/sbin/haproxy
htop|3.2.2-2|152||htop=top
inetutils-telnet|2:2.4-2+deb12u1|109||telnet
iperf3|3.12-1+deb12u2|29||iperf3
iproute2|6.1.0-3|1046|libbpf1 libelf1 libmnl0 libxtables12 libcap2-bin|ip ss /sbin/ip=ip
iptables|1.8.9-2|360|libxtables12 libmnl0|/usr/sbin/iptables /usr/sbin/iptables-save /usr/sbin/ip6tables=iptables
iputils-ping|3:20221126-1+deb12u1|47|libcap2-bin|ping
iputils-tracepath|3:20221126-1+deb12u1|18||tracepath=traceroute
jq|1.6-2.1+deb12u1|64|libjq1|jq
less|590-2.1~deb12u2|132||less
libapr1|1.7.2-3+deb12u1|101||
libbpf1|1:1.1.0-1|145||
libbrotli1|1.0.9-2+b6|275||
libcap2-bin|1:2.66-4+deb12u2|35||/sbin/capsh /sbin/getcap
libcurl3-gnutls|7.88.1-10+deb12u14|386|libbrotli1 libnghttp2-14 libpsl5 librtmp1 libssh2-1 libldap-2.5-0|
libcurl4|7.88.1-10+deb12u14|391|libbrotli1 libldap-2.5-0 libnghttp2-14 libpsl5 librtmp1 libssh2-1|
libelf1|0.188-2.1|174||
liberror-perl|0.17029-2|29|perl|
libevent-2.1-7|2.1.12-stable-8|180||
libjq1|1.6-2.1+deb12u1|135|libonig5|
libldap-2.5-0|2.5.13+dfsg-5|183|libsasl2-2 ?libldap-common|
libldap-common|2.5.13+dfsg-5|29||
libmagic1|1:5.44-3|104|libmagic-mgc|
libmagic-mgc|1:5.44-3|305||
libmnl0|1.0.4-3|12||
libncurses6|6.4-4|103||
libnghttp2-14|1.52.0-1+deb12u2|73||
libonig5|6.9.8-1|188||
libpcap0.8|1.10.3-1|157||
libpq5|15.14-0+deb12u1|191||
libproc2-0|2:4.0.2-3|62||
libpsl5|0.21.2-1|59|?publicsuffix|
libpython3.11-stdlib|3.11.2-6+deb12u6|1798||
librtmp1|2.4+20151223.gitfa8646d.1-2+b2|61||
libsasl2-2|2.1.28+dfsg-10|60|?libsasl2-modules|
libsasl2-modules|2.1.28+dfsg-10|67||
libsodium23|1.0.18-1+deb12u1|160||
libssh2-1|1.10.0-3+b1|179||
libxml2|2.9.14+dfsg-1.3~deb12u4|688||
libxtables12|1.8.9-2|31||
locales|2.36-9+deb12u13|3901||locale-gen=true locale
lsb-release|12.0-1|6||lsb_release
lsof|4.95.0-1|318||lsof
make|4.3-4.1|396||make
man-db|2.11.2-2|1386||man
mariadb-client|1:10.11.14-0+deb12u2|3330||mysql mariadb=mysql mysqldump
mariadb-server|1:10.11.14-0+deb12u2|3650|mariadb-client|/usr/sbin/mariadbd=database
maven|3.8.7-1|19|default-jre|mvn
memcached|1.6.18-1|164|libevent-2.1-7|memcached
mysql-client|8.0.43-0ubuntu0.24.04.2|9|mariadb-client|
nano|7.2-1+deb12u1|690||nano
net-tools|2.10-0.1+deb12u2|243||netstat ifconfig=ifconfig /sbin/ifconfig=ifconfig /sbin/route=route arp
netcat|1.10-47|13|netcat-traditional|
netcat-openbsd|1.219-1|42||nc netcat=nc
netcat-traditional|1.10-47|67||nc netcat=nc
nginx|1.22.1-9+deb12u3|527|nginx-common|/usr/sbin/nginx
nginx-common|1.22.1-9+deb12u3|112||
nmap|7.93+dfsg1-1|1875||nmap
nodejs|18.20.4+dfsg-1~deb12u1|320||node nodejs=node
npm|9.2.0~ds1-1|374|nodejs|npm npx
openjdk-17-jdk|17.0.17+10-1~deb12u1|2400|openjdk-17-jre-headless|javac
openjdk-17-jre-headless|17.0.17+10-1~deb12u1|43800||java
openssh-client|1:9.2p1-2+deb12u7|992||ssh scp ssh-keygen
openssh-server|1:9.2p1-2+deb12u7|456|openssh-client|/usr/sbin/sshd
openssl|3.0.17-1~deb12u3|1430||openssl
perl|5.36.0-7+deb12u3|239||
php|2:8.2+93|4|php-cli|
php-cli|2:8.2+93|4||php
postgresql-client|15+248|10|libpq5|psql pg_isready pg_dump
procps|2:4.0.2-3|709|libproc2-0 libncurses6|ps top free kill pgrep pkill uptime watch w /sbin/sysctl
psmisc|23.6-1|259||killall pstree fuser
publicsuffix|20230209.2326-1|126||
python-is-python3|3.11.2-1+deb12u1|3|python3|python=python3
python3|3.11.2-1+b1|26|python3.11 libpython3.11-stdlib|python3
python3.11|3.11.2-6+deb12u6|573||python3.11=python3
python3-flask|2.2.2-3|93|python3|
python3-pip|23.0.1+dfsg-1|1325|python3|pip pip3=pip
python3-venv|3.11.2-1+b1|1|python3|
redis-server|5:7.0.15-1~deb12u6|73|redis-tools|redis-server
redis-tools|5:7.0.15-1~deb12u6|989||redis-cli redis-benchmark
rsync|3.2.7-1+deb12u2|417||rsync
ruby|1:3.1|6||ruby
screen|4.9.0-4|604||screen=tmux
sl|5.02-1+b1|14||/usr/games/sl
socat|1.7.4.4-2|375||socat
software-properties-common|0.99.30-4.1~deb12u1|63||add-apt-repository
strace|6.1-0.1|1310||strace
stress|1.0.7-1|19||stress
stress-ng|0.15.06-2|2281||stress-ng=stress
sudo|1.9.13p3-1+deb12u2|1889||sudo
supervisor|4.2.5-1|318|python3|supervisord supervisorctl
sysstat|12.6.1-1|596||iostat sar
systemd|252.39-1~deb12u1|3040||systemctl journalctl
tcpdump|4.99.3-1|473|libpcap0.8|tcpdump
telnet|0.17+2.4-2+deb12u1|40|inetutils-telnet|
tini|0.19.0-1|255||tini
tmux|3.3a-3|456|libevent-2.1-7|tmux
traceroute|1:2.1.2-1|56||traceroute
tree|2.1.0-1|52||tree
tzdata|2025b-0+deb12u2|296||
unzip|6.0-28|166||unzip
vim|2:9.0.1378-2+deb12u2|1567|vim-common vim-runtime libsodium23|vim vi
vim-common|2:9.0.1378-2+deb12u2|124|xxd|
vim-runtime|2:9.0.1378-2+deb12u2|7025||
vim-tiny|2:9.0.1378-2+deb12u2|720|vim-common|vi
wget|1.21.3-1+deb12u1|937|?publicsuffix libpsl5|wget
whois|5.5.17|77||whois
xxd|2:9.0.1378-2+deb12u2|84||xxd
xz-utils|5.4.1-1|471||xz
yq|3.1.0-3|18|jq python3|yq
zip|3.0-13|230||zip
zsh|5.9-4+b8|909||zsh=bash
";

/// What a bare Debian has, as `dpkg -l` lists it.
pub const BASE: &str = "
adduser|3.134|1267||
apt|2.6.1|1394||
base-files|12.4+deb12u12|71||
base-passwd|3.6.1|78||
bash|5.2.15-2+b9|1491||
bsdutils|1:2.38.1-5+deb12u3|92||
coreutils|9.1-1|2897||
dash|0.5.12-2|98||
debconf|1.5.82|121||
debian-archive-keyring|2023.3+deb12u2|163||
debianutils|5.7-0.5~deb12u1|103||
diffutils|1:3.8-4|359||
dpkg|1.21.22|1568||
e2fsprogs|1.47.0-2+b2|573||
findutils|4.9.0-4|704||
gcc-12-base|12.2.0-14+deb12u1|37||
gpgv|2.2.40-1.1+deb12u1|649||
grep|3.8-5|426||
gzip|1.12-1|95||
hostname|3.23+nmu1|11||
init-system-helpers|1.65.2+deb12u1|50||
libc-bin|2.36-9+deb12u13|605||
libc6|2.36-9+deb12u13|2758||
libssl3|3.0.17-1~deb12u3|2020||
login|1:4.13+dfsg1-1+deb12u1|617||
logsave|1.47.0-2+b2|19||
mawk|1.3.4.20200120-3.1|115||
mount|2.38.1-5+deb12u3|135||
ncurses-base|6.4-4|261||
ncurses-bin|6.4-4|429||
passwd|1:4.13+dfsg1-1+deb12u1|972||
perl-base|5.36.0-7+deb12u3|1612||
sed|4.9-1|329||
sysvinit-utils|3.06-4|34||
tar|1.34+dfsg-1.2+deb12u1|815||
tzdata|2025b-0+deb12u2|296||
usr-is-merged|37~deb12u1|5||
util-linux|2.38.1-5+deb12u3|1177||
zlib1g|1:1.2.13.dfsg-1|86||
";
