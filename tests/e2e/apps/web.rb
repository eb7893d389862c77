# A web server for tests, with Ruby's own socket.
require "socket"

server = TCPServer.new("127.0.0.1", Integer(ENV.fetch("PORT")))
version = File.read("version").strip
loop do
  client = server.accept
  nil until client.gets.to_s.strip.empty?  # a probe closes without a word
  body = "#{version} #{Process.pid} ruby\n"
  client.write("HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
rescue SystemCallError
  nil
ensure
  client&.close
end
