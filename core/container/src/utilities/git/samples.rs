//! Repositories of the course that can be cloned without having been pushed.

/// Those whose branch is `master`.
pub(super) const MASTER: &[&str] =
    &["luksa/kubernetes-in-action", "luksa/kubia-website-example", "redhat-developer-demos/istio-tutorial"];

type Sample = (&'static str, &'static [(&'static str, &'static str)]);

/// The files of a repository by the path of its URL.
pub(super) fn find(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    SAMPLES.iter().find(|s| s.0.eq_ignore_ascii_case(path)).map(|s| s.1)
}

const KUBIA: &str = "const http = require('http');\nconst os = require('os');\n\nconsole.log(\"Kubia server starting...\");\n\nvar handler = function(request, response) {\n  console.log(\"Received request from \" + request.connection.remoteAddress);\n  response.writeHead(200);\n  response.end(\"You've hit \" + os.hostname() + \"\\n\");\n};\n\nvar www = http.createServer(handler);\nwww.listen(8080);\n";

const SAMPLES: &[Sample] = &[
    (
        "luksa/kubernetes-in-action",
        &[
            ("README.md", "# Kubernetes in Action\n\nCode samples.\n"),
            ("Chapter02/kubia/app.js", KUBIA),
            (
                "Chapter02/kubia/Dockerfile",
                "FROM node:7\nADD app.js /app.js\nENTRYPOINT [\"node\", \"app.js\"]\n",
            ),
            (
                "Chapter03/kubia-manual.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kubia-manual\nspec:\n  containers:\n  - image: luksa/kubia\n    name: kubia\n    ports:\n    - containerPort: 8080\n      protocol: TCP\n",
            ),
        ],
    ),
    (
        "luksa/kubia-website-example",
        &[("README.md", "A web site\n"), ("index.html", "<html>\n<body>\nHello there.\n</body>\n</html>\n")],
    ),
    (
        "docker/getting-started-app",
        &[
            ("README.md", "# Getting started\n\nA small server for the tutorial.\n"),
            (
                "package.json",
                "{\n  \"name\": \"getting-started\",\n  \"version\": \"1.0.0\",\n  \"main\": \"src/index.js\",\n  \"scripts\": {\n    \"start\": \"node src/index.js\"\n  },\n  \"dependencies\": {\n    \"express\": \"^5.1.0\"\n  }\n}\n",
            ),
            (
                "package-lock.json",
                "{\n  \"name\": \"getting-started\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {}\n}\n",
            ),
            (
                "src/index.js",
                "const express = require('express');\nconst app = express();\n\napp.get('/', (req, res) => res.send('<h1>Todo App</h1>'));\n\napp.listen(3000, () => console.log('Listening on port 3000'));\n",
            ),
        ],
    ),
    (
        "learner/hello-server",
        &[
            ("README.md", "# hello-server\n"),
            (
                "app.py",
                "from flask import Flask\nimport os\nimport socket\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef hello():\n    name = os.environ.get(\"NAME\", \"world\")\n    return f\"Hello {name} from {socket.gethostname()}!\\n\"\n\n\nif __name__ == \"__main__\":\n    app.run(host=\"0.0.0.0\", port=8080)\n",
            ),
            ("requirements.txt", "flask\n"),
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nEXPOSE 8080\nCMD [\"python\", \"app.py\"]\n",
            ),
        ],
    ),
    (
        "redhat-developer-demos/istio-tutorial",
        &[
            ("README.adoc", "= Istio Tutorial\n"),
            (
                "customer/kubernetes/Deployment.yml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: customer\n    version: v1\n  name: customer\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: customer\n      version: v1\n  template:\n    metadata:\n      labels:\n        app: customer\n        version: v1\n      annotations:\n        sidecar.istio.io/inject: \"true\"\n    spec:\n      containers:\n      - image: quay.io/rhdevelopers/istio-tutorial-customer:v1.1\n        name: customer\n        ports:\n        - containerPort: 8080\n          name: http\n          protocol: TCP\n",
            ),
            (
                "customer/kubernetes/Service.yml",
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: customer\n  labels:\n    app: customer\nspec:\n  ports:\n  - name: http\n    port: 8080\n  selector:\n    app: customer\n",
            ),
        ],
    ),
];
