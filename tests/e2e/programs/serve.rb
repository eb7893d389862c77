# A web server in Ruby that says VERSION; see serve.py.
require "socket"

server = TCPServer.new("127.0.0.1", Integer(ENV.fetch("PORT")))
server.listen(512)
body = "ruby #{ENV.fetch('VERSION', '1')} #{ENV.fetch('DYNO')}\n"
answer = "HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
ending = false
trap("TERM") { ending = true }
threads = []
until ending
  next unless server.wait_readable(0.05)
  client = server.accept_nonblock(exception: false)
  next if client == :wait_readable
  threads.reject! { |thread| !thread.alive? }
  threads << Thread.new(client) do |socket|
    nil until ["\r\n", nil].include?(socket.gets)
    socket.write(answer)
  rescue SystemCallError, IOError
    nil
  ensure
    socket.close
  end
end
while (client = server.accept_nonblock(exception: false)) != :wait_readable
  nil until ["\r\n", nil].include?(client.gets)
  client.write(answer)
  client.close
end
server.close
threads.each(&:join)
