//! Files that packages bring beside their programs.

/// Path and text; a text `-> there` is a symbolic link.
pub(super) fn of(package: &str) -> &'static [(&'static str, &'static str)] {
    match package {
        "nginx-common" => NGINX_DEBIAN,
        "nginx" => NGINX_PAGE,
        "nginx-alpine" => NGINX_ALPINE,
        "apache2" => APACHE,
        "ca-certificates" => CERTIFICATES,
        "redis-server" => &[(
            "/etc/redis/redis.conf",
            "bind 127.0.0.1 -::1\nprotected-mode yes\nport 6379\ndir /var/lib/redis\n",
        )],
        "supervisor" => &[(
            "/etc/supervisor/supervisord.conf",
            "[unix_http_server]\nfile=/var/run/supervisor.sock\n\n[supervisord]\nlogfile=/var/log/supervisor/supervisord.log\n\n[include]\nfiles = /etc/supervisor/conf.d/*.conf\n",
        )],
        "sudo" => {
            &[("/etc/sudoers", "Defaults\tenv_reset\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n")]
        }
        "openssh-server" => &[(
            "/etc/ssh/sshd_config",
            "Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\n",
        )],
        _ => &[],
    }
}

const CERTIFICATES: &[(&str, &str)] = &[(
    "/etc/ssl/certs/ca-certificates.crt",
    "# Certificates of the simulated authorities: any is trusted\n",
)];

const NGINX_DEBIAN: &[(&str, &str)] = &[
    (
        "/etc/nginx/nginx.conf",
        "user www-data;\nworker_processes auto;\npid /run/nginx.pid;\nerror_log /var/log/nginx/error.log;\n\n\
         events {\n\tworker_connections 768;\n}\n\nhttp {\n\tsendfile on;\n\ttcp_nopush on;\n\tinclude /etc/nginx/mime.types;\n\
         \tdefault_type application/octet-stream;\n\taccess_log /var/log/nginx/access.log;\n\tgzip on;\n\
         \tinclude /etc/nginx/conf.d/*.conf;\n\tinclude /etc/nginx/sites-enabled/*;\n}\n",
    ),
    (
        "/etc/nginx/sites-available/default",
        "server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n\n\troot /var/www/html;\n\n\
         \tindex index.html index.htm index.nginx-debian.html;\n\n\tserver_name _;\n\n\tlocation / {\n\
         \t\ttry_files $uri $uri/ =404;\n\t}\n}\n",
    ),
    ("/etc/nginx/sites-enabled/.keep", ""),
    ("/etc/nginx/sites-enabled/default", "-> /etc/nginx/sites-available/default\n"),
    ("/etc/nginx/conf.d/.keep", ""),
    (
        "/etc/nginx/mime.types",
        "types {\n    text/html html htm shtml;\n    text/css css;\n    application/javascript js;\n}\n",
    ),
    ("/var/log/nginx/error.log", ""),
    ("/var/log/nginx/access.log", ""),
];

const NGINX_PAGE: &[(&str, &str)] = &[(
    "/var/www/html/index.nginx-debian.html",
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n\
     <p>The web server is installed and at work. Its pages are in /var/www/html.</p>\n</body>\n</html>\n",
)];

const NGINX_ALPINE: &[(&str, &str)] = &[
    (
        "/etc/nginx/nginx.conf",
        "user nginx;\nworker_processes auto;\nerror_log /var/log/nginx/error.log warn;\nevents {\n\tworker_connections 1024;\n}\n\
         http {\n\tinclude /etc/nginx/mime.types;\n\tdefault_type application/octet-stream;\n\
         \taccess_log /var/log/nginx/access.log;\n\tinclude /etc/nginx/http.d/*.conf;\n}\n",
    ),
    (
        "/etc/nginx/http.d/default.conf",
        "server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n\n\tlocation / {\n\t\treturn 404;\n\t}\n}\n",
    ),
    ("/etc/nginx/mime.types", "types {\n    text/html html htm shtml;\n    text/css css;\n}\n"),
    ("/var/lib/nginx/html/index.html", "<html><body><h1>Welcome to nginx!</h1></body></html>\n"),
    ("/var/log/nginx/error.log", ""),
    ("/var/log/nginx/access.log", ""),
];

const APACHE: &[(&str, &str)] = &[
    (
        "/etc/apache2/apache2.conf",
        "ServerRoot \"/etc/apache2\"\nListen 80\nDocumentRoot /var/www/html\nErrorLog /var/log/apache2/error.log\n\
         CustomLog /var/log/apache2/access.log combined\nIncludeOptional sites-enabled/*.conf\n",
    ),
    ("/etc/apache2/ports.conf", "Listen 80\n"),
    (
        "/etc/apache2/sites-enabled/000-default.conf",
        "<VirtualHost *:80>\n\tServerAdmin webmaster@localhost\n\tDocumentRoot /var/www/html\n</VirtualHost>\n",
    ),
    (
        "/var/www/html/index.html",
        "<html><head><title>Apache2 Debian Default Page: It works</title></head><body><h1>It works!</h1></body></html>\n",
    ),
    ("/var/log/apache2/access.log", ""),
    ("/var/log/apache2/error.log", ""),
];
