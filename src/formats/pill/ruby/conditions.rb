# frozen_string_literal: true

# The classes that custom checks and triggers of a pill derive from, with the built-in conditions
# for those who derive from one of them. A pill is only described here; host.rb runs the custom ones.
# Source: the behaviour of bluepill 0.1.3, docs/compatibility/bluepill.md.

module Bluepill
  # What is asked about processes, from /proc.
  module System
    PAGE = 4096

    module_function

    def pid_alive?(pid)
      File.exist?("/proc/#{pid.to_i}")
    end

    # Children, their children, and so on.
    def get_children(parent)
      by_parent = Dir.children('/proc').grep(/\A\d+\z/).group_by { |pid| stat(pid)&.at(1).to_i }
      found = []
      queue = [parent.to_i]
      until queue.empty?
        children = by_parent.fetch(queue.shift, []).map(&:to_i)
        found.concat(children)
        queue.concat(children)
      end
      found
    end

    # Kilobytes.
    def memory_usage(pid, include_children = false)
      sum(pid, include_children) { |one| stat(one) ? stat(one)[21].to_i * PAGE / 1024.0 : 0.0 }
    end

    # Percent of one CPU over the whole life, as `ps` shows it.
    def cpu_usage(pid, include_children = false)
      hertz = 100.0
      uptime = File.read('/proc/uptime').to_f
      sum(pid, include_children) do |one|
        fields = stat(one)
        next 0.0 unless fields

        age = uptime - fields[19].to_i / hertz
        age.positive? ? (fields[11].to_i + fields[12].to_i) / hertz / age * 100 : 0.0
      end
    end

    def running_time(pid)
      fields = stat(pid)
      fields && (File.read('/proc/uptime').to_f - fields[19].to_i / 100.0).to_i
    end

    def command(pid)
      return "#{File.read("/proc/#{pid.to_i}/comm").strip} <defunct>" if stat(pid)&.first == 'Z'

      File.read("/proc/#{pid.to_i}/cmdline").tr("\0", ' ').strip
    rescue SystemCallError
      nil
    end

    # The fields of /proc/PID/stat from the state on.
    def stat(pid)
      File.read("/proc/#{pid.to_i}/stat").split(') ').last.split
    rescue SystemCallError
      nil
    end

    def sum(pid, include_children, &measure)
      pids = [pid.to_i] + (include_children ? get_children(pid) : [])
      pids.sum(&measure)
    end
  end

  module ProcessConditions
    BUILTIN = %i[cpu_usage mem_usage running_time file_time http zombie_process always_true].freeze

    # The base of custom conditions: `run` measures, `check` judges.
    class ProcessCondition
      def initialize(options = {})
        @options = options
      end

      def run(_pid, _include_children)
        raise "#{self.class} has no method `run`"
      end

      def check(_value)
        raise "#{self.class} has no method `check`"
      end

      def format_value(value)
        value
      end
    end

    class AlwaysTrue < ProcessCondition
      def initialize(options = {})
        super
        @below = options[:below]
      end

      def run(_pid, _include_children)
        1
      end

      def check(_value)
        true
      end
    end

    class CpuUsage < AlwaysTrue
      def run(pid, include_children)
        System.cpu_usage(pid, include_children)
      end

      def check(value)
        value < @below
      end
    end

    class MemUsage < AlwaysTrue
      def run(pid, include_children)
        System.memory_usage(pid, include_children)
      end

      def check(value)
        value * 1024 < @below
      end

      def format_value(value)
        value >= 1024 ? "#{(value / 1024.0).round}MB" : "#{value.round}KB"
      end
    end

    class RunningTime < AlwaysTrue
      def run(pid, _include_children)
        System.running_time(pid)
      end

      def check(value)
        value.nil? || value < @below
      end
    end

    class FileTime < AlwaysTrue
      def initialize(options = {})
        super
        @filename = options[:filename]
      end

      def run(_pid, _include_children)
        Time.now - File.mtime(@filename)
      rescue SystemCallError
        nil
      end

      def check(value)
        !value.nil? && value < @below
      end
    end

    class ZombieProcess < ProcessCondition
      def run(pid, _include_children)
        System.command(pid)
      end

      def check(value)
        (value =~ /<defunct>/).nil?
      end
    end

    class Http < ProcessCondition
      def initialize(options = {})
        super
        @uri = URI.parse(options[:url])
        @kind = options[:kind] || :success
        @pattern = options[:pattern]
        @timeout = (options[:timeout] || 5).to_i
      end

      def run(_pid, _include_children)
        Net::HTTP.start(@uri.host, @uri.port, use_ssl: @uri.scheme == 'https',
                                              open_timeout: @timeout, read_timeout: @timeout) do |http|
          http.get(@uri.request_uri)
        end
      rescue StandardError => e
        e
      end

      def check(value)
        return false unless value.is_a?(Net::HTTPResponse)
        return false unless @kind.is_a?(Integer) ? value.code.to_i == @kind : value.is_a?(kind_class)

        @pattern.nil? || !(value.body =~ @pattern).nil?
      end

      private

      def kind_class
        Net.const_get("HTTP#{@kind.to_s.camelize}")
      end
    end

    class << self
      def builtin?(name)
        name.to_sym == :flapping || BUILTIN.include?(without_number(name))
      end

      # The class behind a name, the way Bluepill looks it up; NameError where there is none.
      def find(name)
        name = without_number(name) if builtin?(name)
        Trigger.implementation(name) || const_get(name.to_s.camelize)
      end

      # `http` of `http_2`: a number tells several built-in checks of one kind apart. A class of the
      # pill's own may have such a name, and is none of these.
      def without_number(name)
        kind = name.to_s[/\A(.+)_\d+\z/, 1]&.to_sym
        BUILTIN.include?(kind) && !const_defined?(name.to_s.camelize) ? kind : name.to_sym
      end

      # `condition` and `trigger` are the built-in ones.
      def kind(name)
        return name.to_sym == :flapping ? 'trigger' : 'condition' if builtin?(name)

        find(name) <= Trigger ? 'custom-trigger' : 'custom-condition'
      end
    end
  end

  # The base of custom triggers: `notify` is told of every change of state.
  class Trigger
    @implementations = {}

    class << self
      def inherited(subclass)
        super
        key = subclass.name.to_s.demodulize.underscore.to_sym
        Trigger.instance_variable_get(:@implementations)[key] = subclass
      end

      def implementation(name)
        Trigger.instance_variable_get(:@implementations)[name.to_sym]
      end
      alias [] implementation
    end

    attr_accessor :process, :logger, :mutex, :scheduled_events

    def initialize(process, options = {})
      @process = process
      @options = options
      @logger = process.respond_to?(:logger) ? process.logger : nil
      @scheduled_events = []
    end

    def reset!
      cancel_all_events
    end

    def notify(_transition)
      raise "#{self.class} has no method `notify`"
    end

    def schedule_event(event, delay)
      @process.schedule(event, delay)
    end

    def cancel_all_events
      @process.cancel_scheduled if @process.respond_to?(:cancel_scheduled)
    end

    def dispatch!(event)
      @process.dispatch!(event, self.class.name.to_s.demodulize)
    end
  end

  module Triggers
    class Flapping < Trigger
      def notify(_transition); end
    end
  end
end
