# frozen_string_literal: true

# The part of reeve's API (docs/api.md) that the host of custom checks needs.

module Bluepill
  module Host
    # HTTP over the unix socket, one connection for each request.
    class ApiClient
      def initialize(path)
        @path = path
      end

      def instances(app)
        JSON.parse(get("/v1/status?target=#{escape(app)}"))['instances']
      end

      def operate(verb, target, why)
        body = JSON.generate(id: SecureRandom.hex(8), verb: verb, targets: [target], wait: false,
                             timeout_ms: 0, command_line: why)
        request("POST /v1/operations HTTP/1.1\r\nHost: reeve\r\nConnection: close\r\n" \
                "Content-Length: #{body.bytesize + 1}\r\n\r\n#{body}\n", &:read)
      end

      # Yields each change of state of the application, until the daemon is replaced.
      def follow_events(app)
        request(head("/v1/events?follow=1&target=#{escape(app)}")) do |socket|
          skip_head(socket)
          each_chunk(socket) { |line| yield JSON.parse(line) }
        end
      end

      private

      def get(path)
        request(head(path)) do |socket|
          skip_head(socket)
          socket.read
        end
      end

      def head(path)
        "GET #{path} HTTP/1.1\r\nHost: reeve\r\nConnection: close\r\n\r\n"
      end

      def request(text)
        UNIXSocket.open(@path) do |socket|
          socket.write(text)
          yield socket
        end
      end

      def skip_head(socket)
        while (line = socket.gets)
          break if line.strip.empty?
        end
      end

      def each_chunk(socket)
        rest = +''
        while (size = socket.gets)
          length = size.to_i(16)
          break if length.zero?

          rest << socket.read(length)
          socket.read(2)
          while (line = rest.slice!(/\A[^\n]*\n/))
            yield line unless line.strip.empty?
          end
        end
      end

      def escape(text)
        text.gsub(/[^A-Za-z0-9._-]/) { |char| char.bytes.map { |byte| format('%%%02X', byte) }.join }
      end
    end

    # reeve's states in Bluepill's words (src/api/bluepill_words.cc).
    module StateWords
      module_function

      def of(state, goal, reason)
        return 'unmonitored' if goal != 'up'

        case state
        when 'running' then 'up'
        when 'starting' then 'starting'
        when 'stopping' then reason.to_s.include?('restart') ? 'restarting' : 'stopping'
        when 'crash-looping', 'failed' then 'unmonitored'
        else 'down'
        end
      end

      def after(change)
        by_operator = change.dig('cause', 'kind') == 'operator'
        return by_operator ? 'unmonitored' : 'down' if change['to'] == 'stopped'

        asked_to_stop = change['to'] == 'stopping' && by_operator &&
                        !change['reason'].to_s.include?('restart')
        return 'unmonitored' if asked_to_stop

        of(change['to'], 'up', change['reason'])
      end

      # The event that Bluepill would have named.
      def event(change)
        return :tick unless change.dig('cause', 'kind') == 'operator'

        case change['to']
        when 'starting' then :start
        when 'stopping' then change['reason'].to_s.include?('restart') ? :restart : :stop
        else :tick
        end
      end
    end
  end
end
