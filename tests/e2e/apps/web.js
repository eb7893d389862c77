// A web server for tests.
const http = require("http");
const fs = require("fs");

const version = fs.readFileSync("version", "utf8").trim();
http.createServer((request, response) => {
  response.end(`${version} ${process.pid} node\n`);
}).listen(Number(process.env.PORT), "127.0.0.1");
