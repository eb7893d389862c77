# frozen_string_literal: true

# `monitor_children`: every descendant of a process is checked on its own, and told to stop by the
# template's stop command when a check says so. Its master, which starts another, stays up.
# Source: the behaviour of bluepill 0.1.3 (lib/bluepill/process.rb), docs/compatibility/bluepill.md.

module Bluepill
  module Host
    # One child, as its checks and the log know it.
    class Child
      attr_reader :pid, :name, :logger
      attr_accessor :watches, :left_alone_until

      def initialize(pid, parent)
        @pid = pid
        @name = "<child(pid:#{pid})>"
        @logger = Speaker.new("#{parent}:#{@name}")
        @left_alone_until = 0
      end
    end

    # The children of one process.
    class Nursery
      EVERY = 1.0
      # A child that was told to stop has so long before it is told again.
      PATIENCE = 60
      # Processes that are looked after at most; a fork bomb has more.
      CHILDREN_MAX = 1000

      def initialize(process, template)
        @process = process
        @template = template
        @children = {}
        @due = 0
      end

      def due?(now)
        now >= @due
      end

      def look_after(now)
        @due = now + EVERY
        return @children.clear unless @process.state == 'up' && @process.pid

        count
        @children.each_value { |child| check(child, now) if now >= child.left_alone_until }
      end

      private

      # Those that are there now, told apart by pid and start time.
      def count
        found = System.get_children(@process.pid).first(CHILDREN_MAX).to_h do |pid|
          [[pid, System.stat(pid)&.at(19)], pid]
        end
        @children.select! { |key, _| found.key?(key) }
        found.each { |key, pid| @children[key] ||= child(pid) if key.last }
      end

      def child(pid)
        child = Child.new(pid, @process.name)
        child.watches = @template.watches.map { |name, options| Watch.new(name, child, options) }
        child
      end

      def check(child, now)
        child.watches.select { |watch| watch.due?(now) }.each do |watch|
          events = watch.sample(now)
          next if events.empty?
          # A child is never started: whatever else was asked for begins with a stop.
          stop(child, watch.reason, now) unless events.first.to_sym == :unmonitor
          return
        end
      end

      def stop(child, reason, now)
        command = @template.attributes[:stop_command].to_s.gsub('{{PID}}', child.pid.to_s)
        child.left_alone_until = now + PATIENCE
        child.logger.say("#{reason}: Executing stop command: #{command}")
        Process.detach(Process.spawn(command, chdir: '/', in: :close))
      rescue SystemCallError => e
        child.logger.say("the stop command failed: #{e.message}")
      end
    end
  end
end
