// A web server in Node that says VERSION; see serve.py.
const http = require('http');

const body = `node ${process.env.VERSION || '1'} ${process.env.DYNO}\n`;
const server = http.createServer((request, response) => {
  response.writeHead(200, {'Content-Length': Buffer.byteLength(body), 'Connection': 'close'});
  response.end(body);
});
server.listen({port: Number(process.env.PORT), host: '127.0.0.1', backlog: 512});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
