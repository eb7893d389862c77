# frozen_string_literal: true

# Runs the condition and trigger classes that a pill defines, and looks after the children of
# processes with `monitor_children`, beside the daemon: a service of its application, which reeve
# supervises like any other. It is a client of reeve's API and nothing more: it asks for the pids,
# measures, and asks for a restart when a condition says so.
#
#   ruby -r …/recorder.rb …/host.rb PILL APPLICATION      REEVE_SOCKET=/run/reeve/reeve.sock
#
# A condition or trigger that raises is reported and costs nothing but its own result.
# Source: the behaviour of bluepill 0.1.3, docs/compatibility/bluepill.md.

require 'json'
require 'socket'
require 'securerandom'
require_relative 'api_client'
require_relative 'children'

module Bluepill
  module Host
    # What a condition or a trigger is told about its process.
    class HostedProcess
      attr_reader :name, :group, :service
      attr_accessor :pid, :state

      def initialize(app, proxy, service, host)
        @app = app
        @proxy = proxy
        @name = proxy.name
        @group = proxy.group_of_record
        @service = service
        @host = host
      end

      alias actual_pid pid

      def logger
        @logger ||= Speaker.new([@app, @group, @name].compact.join(':'))
      end

      def dispatch!(event, reason = nil)
        @host.fire(self, [event], reason || 'asked for by a trigger')
      end

      def schedule(event, delay)
        @host.schedule(self, event, delay)
      end

      def cancel_scheduled
        @host.cancel(self)
      end

      # Any attribute of the pill: `process.start_command`.
      def method_missing(name, *args)
        return @proxy.attributes[name] if args.empty? && @proxy.attributes.key?(name)

        super
      end

      def respond_to_missing?(name, include_private = false)
        @proxy.attributes.key?(name) || super
      end
    end

    # Log lines of one process.
    class Speaker
      def initialize(prefix)
        @prefix = prefix
      end

      %w[debug info warn warning err error fatal].each do |level|
        define_method(level) { |text = nil, &block| say(text || block&.call) }
      end

      def say(text)
        $stdout.puts "[#{@prefix}] #{text}"
        $stdout.flush
      end
    end

    # A change of state as triggers know it.
    Transition = Struct.new(:from, :to, :event) do
      def from_name
        from.to_sym
      end

      def to_name
        to.to_sym
      end

      def loopback?
        from == to
      end
    end

    # One custom condition of one process: when it is due, and what its last values were.
    class Watch
      attr_reader :name, :process

      def initialize(name, process, options)
        @name = name
        @process = process
        @options = options.dup
        @every = [(@options.delete(:every) || 10).to_f, 1.0].max
        @times = [@options.delete(:times) || 1].flatten
        @times *= 2 if @times.size == 1
        @fires = [@options.delete(:fires) || :restart].flatten
        @include_children = @options.delete(:include_children) ? true : false
        @results = []
        @due = 0
      end

      def due?(now)
        now >= @due
      end

      # The events that follow from one sample; none where it passed.
      def sample(now)
        @due = now + @every
        value, passed = measure
        @results << [value, passed]
        @results.shift while @results.size > @times[1]
        @process.logger.info("#{@name}: [#{shown}]")
        return [] if @results.count { |_, good| !good } < @times[0]

        @process.logger.info("#{@name} dispatched: #{@fires.join(',')}")
        @reason = "#{@name}: [#{shown}]"
        forget
        @fires
      rescue StandardError, ScriptError => e
        @process.logger.err("#{@name} raised #{e.class}: #{e.message} (#{e.backtrace&.first})")
        []
      end

      attr_reader :reason

      def forget
        @results = []
      end

      private

      def condition
        @condition ||= ProcessConditions.find(@name).new(@options)
      end

      # Versions of Bluepill before 0.0.61 gave the pid only.
      def measure
        run = condition.method(:run)
        value = run.arity == 1 ? run.call(@process.pid) : run.call(@process.pid, @include_children)
        shown_value = condition.respond_to?(:format_value) ? condition.format_value(value) : value
        [shown_value, condition.check(value) ? true : false]
      end

      def shown
        @results.map { |value, passed| "#{value}#{passed ? '' : '*'}" }.join(', ')
      end
    end

    # All of them, for one application.
    class Runner
      EVENTS = %i[start stop restart unmonitor].freeze
      LONGEST_SLEEP = 5.0

      def initialize(app, client)
        @app = app
        @client = client
        @scheduled = Queue.new
        @waiting = []
        @watches = []
        @triggers = []
        @nurseries = []
        @processes = {}
        Recorder.applications.select { |record| record[:name] == app }
                .each { |record| take(record[:proxy].processes) }
      end

      def run
        Thread.new { follow } unless @triggers.empty?
        loop do
          now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
          check_all(now)
          fire_scheduled(now)
          sleep(pause(now))
        end
      end

      def fire(process, events, reason)
        events.each do |event|
          next process.logger.err("there is no event #{event}") unless EVENTS.include?(event.to_sym)

          # What is no child comes back after a stop: its state is `down` then.
          verb = event.to_sym == :stop ? :restart : event.to_sym
          process.logger.info("#{reason}: #{verb}")
          @client.operate(verb, "#{@app}/#{process.service}.1", "bluepill check #{reason}")
          break
        end
      end

      def schedule(process, event, delay)
        at = Process.clock_gettime(Process::CLOCK_MONOTONIC) + delay.to_f
        @scheduled << [at, process, event]
      end

      def cancel(process)
        @scheduled << [nil, process, nil]
      end

      private

      def take(proxies)
        names = proxies.map { |proxy| proxy.name.to_s }
        proxies.each do |proxy|
          shared = names.count(proxy.name.to_s) > 1 && proxy.group_of_record
          service = shared ? "#{proxy.group_of_record}:#{proxy.name}" : proxy.name.to_s
          process = HostedProcess.new(@app, proxy, service, self)
          @processes[service] = process
          proxy.custom_watches.each { |name, options| add(process, name, options) }
          template = proxy.children_of_record
          @nurseries << Nursery.new(process, template) if template
        end
      end

      def add(process, name, options)
        kind = ProcessConditions.find(name)
        if kind.is_a?(Class) && kind <= Trigger
          @triggers << [process, kind.new(process, options.dup)]
        else
          @watches << Watch.new(name, process, options)
        end
      rescue StandardError => e
        process.logger.err("#{name} cannot be made: #{e.class}: #{e.message}")
      end

      def check_all(now)
        due = @watches.select { |watch| watch.due?(now) }
        return if due.empty? && @nurseries.none? { |nursery| nursery.due?(now) }

        look_at_processes
        @nurseries.each { |nursery| nursery.look_after(now) if nursery.due?(now) }
        due.each do |watch|
          next watch.forget unless watch.process.state == 'up' && watch.process.pid

          events = watch.sample(now)
          fire(watch.process, events, watch.reason) unless events.empty?
        end
      rescue SystemCallError, IOError, JSON::ParserError => e
        warn "reeve does not answer: #{e.message}"
      end

      def look_at_processes
        @client.instances(@app).each do |instance|
          process = @processes[instance['service']]
          next unless process

          process.pid = instance['pid']
          process.state = StateWords.of(instance['state'], instance['goal'], instance['reason'])
        end
      end

      def fire_scheduled(now)
        until @scheduled.empty?
          at, process, event = @scheduled.pop
          if at.nil?
            @waiting.reject! { |_, other, _| other.equal?(process) }
          else
            @waiting << [at, process, event]
          end
        end
        due, @waiting = @waiting.partition { |at, _, _| at <= now }
        due.each { |_, process, event| fire(process, [event], 'scheduled by a trigger') }
      end

      def pause(_now)
        nothing = [@watches, @waiting, @triggers, @nurseries].all?(&:empty?)
        nothing ? LONGEST_SLEEP : 0.5
      end

      # Triggers hear of every change, after it has happened.
      def follow
        loop do
          @client.follow_events(@app) { |change| tell(change) }
        rescue SystemCallError, IOError, JSON::ParserError => e
          warn "the events broke off: #{e.message}"
          sleep 1
        end
      end

      def tell(change)
        process = @processes[change['service']]
        return unless process && change['to']

        from = StateWords.of(change['from'], 'up', '')
        to = StateWords.after(change)
        process.pid = change['pid'] if change['pid']
        transition = Transition.new(from, to, StateWords.event(change))
        @triggers.each { |owner, trigger| notify(owner, trigger, transition) if owner == process }
      end

      def notify(process, trigger, transition)
        halted = true
        catch(:halt) do
          trigger.notify(transition)
          halted = false
        end
        process.logger.warn("#{trigger.class} asked to halt a change that has happened") if halted
      rescue StandardError, ScriptError => e
        process.logger.err("#{trigger.class} raised #{e.class}: #{e.message}")
      end
    end

    # Only what nobody else may write is executed without being asked.
    def self.refuse_writable(path)
      stat = File.stat(path)
      foreign = stat.uid != 0 && stat.uid != Process.euid
      return unless foreign || (stat.mode & 0o022).positive?

      warn "#{path}: others may write to this file; its checks and triggers are not run"
      exit 78
    end
  end
end

pill, app = ARGV
Bluepill::Host.refuse_writable(pill)
ARGV.clear
$PROGRAM_NAME = pill
load pill
Bluepill::Host::Runner.new(app, Bluepill::Host::ApiClient.new(ENV.fetch('REEVE_SOCKET'))).run
