# frozen_string_literal: true

# Bluepill's configuration language, recorded instead of executed: a .pill that is run with this file
# required first describes its applications as JSON. It needs no gem and knows no supervisor.
# Source: the behaviour of bluepill 0.1.3, docs/compatibility/bluepill.md.
#
# REEVE_PILL_FD names the descriptor that takes the JSON. Without it nothing is handed over: the
# host of custom checks (host.rb) only wants the classes and objects.

module Bluepill
  VERSION = '0.1.3'

  # A configuration that Bluepill would refuse with exit code 6.
  class ConfigError < StandardError; end

  # Everything about recording that a pill is not meant to see.
  module Recorder
    FORMAT = 1
    CONFIG_ERROR = 6
    VALUE_DEPTH_MAX = 16

    @applications = []
    @process_keys = {}
    @pid_files = {}
    @error = nil
    class << self
      attr_reader :applications, :process_keys, :pid_files

      # Where in the project's own files we are: a line of the pill itself, else [file, line].
      def place
        at = caller_locations(2).find { |frame| frame.absolute_path != __FILE__ }
        return nil if at.nil?

        path = at.absolute_path || at.path
        path == File.expand_path($PROGRAM_NAME) ? at.lineno : [path, at.lineno]
      end

      def refuse(message)
        @error = { message: message, where: place }
        $stderr.puts "Config Error: #{message}" unless RECORDS
        exit CONFIG_ERROR
      end

      def application_record(name, options, proxy)
        base = options[:base_dir] || ENV['BLUEPILL_BASE_DIR'] || default_base_dir
        { name: name, options: options, base_dir: File.expand_path(base.to_s), proxy: proxy }
      end

      def default_base_dir
        return '/var/run/bluepill' if Process.euid.zero?

        File.join(ENV.fetch('HOME', '/'), '.bluepill')
      end

      def document
        return { reeve_pill: FORMAT, error: @error } if @error

        { reeve_pill: FORMAT, file: File.expand_path($PROGRAM_NAME), directory: START_DIRECTORY,
          umask: File.umask, uid: Process.euid, applications: applications.map { |a| export(a) } }
      end

      def export(application)
        options = application[:options]
        { name: application[:name], base_dir: application[:base_dir],
          log_file: path_or_nil(options[:log_file]), foreground: options[:foreground] ? true : false,
          environment: application[:environment],
          processes: application[:proxy].processes.map(&:export) }
      end

      def path_or_nil(path)
        path.nil? ? nil : File.expand_path(path.to_s, START_DIRECTORY)
      end

      # A pill that fails hands over nothing; one that ends by `exit` has said all it wants.
      def hand_over(descriptor)
        return unless $!.nil? || ($!.is_a?(SystemExit) && [0, CONFIG_ERROR].include?($!.status))

        text = Json.text(document)
        io = IO.for_fd(descriptor, 'wb')
        io.write(text)
        io.close
      end
    end

    # A writer of JSON: the library may be missing, and loading it would change what a pill sees.
    module Json
      ESCAPES = { '"' => '\\"', '\\' => '\\\\', "\n" => '\\n', "\r" => '\\r', "\t" => '\\t' }.freeze

      module_function

      def text(value, depth = 0)
        return '{"unsupported":"too deeply nested"}' if depth > VALUE_DEPTH_MAX

        case value
        when nil, true, false then value.nil? ? 'null' : value.to_s
        when Integer then value.to_s
        when Float then value.finite? ? value.to_s : "{\"unsupported\":\"#{value}\"}"
        when String, Symbol then string(value.to_s)
        when Hash then object(value, depth)
        when Array then "[#{value.map { |element| text(element, depth + 1) }.join(',')}]"
        when Regexp then text({ regexp: value.source, options: value.options }, depth + 1)
        else other(value, depth)
        end
      end

      def object(hash, depth)
        members = hash.map { |key, value| "#{string(key.to_s)}:#{text(value, depth + 1)}" }
        "{#{members.join(',')}}"
      end

      # ActiveSupport's durations are numbers; paths and URIs are their text.
      def other(value, depth)
        return text(value.value, depth + 1) if value.class.name == 'ActiveSupport::Duration'
        return text(value.to_a, depth + 1) if value.is_a?(Range) && value.begin.is_a?(Integer)
        return text(value.to_f, depth + 1) if value.is_a?(Numeric)
        return string(value.to_s) if %w[Pathname URI::HTTP URI::HTTPS].include?(value.class.name)

        "{\"unsupported\":#{string(value.class.name.to_s)}}"
      end

      def string(value)
        utf8 = value.encoding == Encoding::UTF_8 ? value : value.dup.force_encoding(Encoding::UTF_8)
        quoted = utf8.scrub("\u{FFFD}").gsub(/["\\\x00-\x1f]/) do |char|
          ESCAPES[char] || format('\\u%04x', char.ord)
        end
        "\"#{quoted}\""
      end
    end
  end

  # Describes an application: name, options and the block with its processes.
  def self.application(name, options = {}, &block)
    proxy = AppProxy.new(name.to_s)
    record = Recorder.application_record(name.to_s, options, proxy)
    proxy.base_dir_of_record = record[:base_dir]
    Recorder.applications << record
    if block
      block.arity.zero? ? proxy.instance_eval(&block) : proxy.instance_exec(proxy, &block)
    end
    # What the processes get is the environment as it is now, with what the pill has done to it.
    record[:environment] = ENV.to_h
    nil
  end

  # The object that a block of `Bluepill.application` is given.
  class AppProxy
    INHERITED = %i[working_dir uid gid environment auto_start].freeze
    attr_accessor(*INHERITED)
    attr_reader :app, :processes
    attr_writer :base_dir_of_record

    App = Struct.new(:name)

    def initialize(name)
      @app = App.new(name)
      @processes = []
    end

    def process(name, &block)
      # Each process is given the values that the application has at this moment.
      attributes = INHERITED.to_h { |key| [key, send(key)] }
      file = name.to_s.gsub(/[^A-Za-z0-9_\-]/, '_')
      attributes[:pid_file] = File.join(@base_dir_of_record, 'pids', @app.name, "#{file}.pid")
      proxy = ProcessProxy.new(name, attributes)
      proxy.evaluate(block)
      proxy.check_and_register(@app.name)
      @processes << proxy
      nil
    end
  end

  # The object that a block of `process` (or of `monitor_children`) is given: any word is an
  # attribute, written as `p.x = v`, `p.x v` or `p.x!`, and read as `p.x` once it is set.
  class ProcessProxy
    attr_reader :name, :attributes, :watches, :group_of_record

    def initialize(name, attributes = {})
      @name = name
      @attributes = attributes
      @inherited = attributes.dup
      @places = {}
      @watches = {}
      @children = nil
      @place = Recorder.place
    end

    def evaluate(block)
      return if block.nil?

      block.arity.zero? ? instance_eval(&block) : instance_exec(self, &block)
    end

    def checks(name, options = {})
      @watches[name] = options
      @places["checks:#{name}"] = Recorder.place
    end

    def monitor_children(&block)
      @children = ChildProxy.new("<child of #{@name}>")
      @children.evaluate(block)
      @attributes[:monitor_children] = true
    end

    # The template for children; nil: they are not monitored.
    def children_of_record
      @children
    end

    def to_process(*)
      self
    end

    def method_missing(name, *args)
      word = name.to_s
      if args.size == 1
        set(word.delete_suffix('=').to_sym, args.first)
      elsif args.empty? && word.end_with?('!')
        set(word.delete_suffix('!').to_sym, true)
      elsif args.empty? && @attributes.key?(name)
        @attributes[name]
      else
        super
      end
    end

    def respond_to_missing?(name, include_private = false)
      @attributes.key?(name) || super
    end

    def check_and_register(app_name)
      @group_of_record = @attributes.delete(:group)
      Validation.check(self, @group_of_record, app_name)
      @watches.each_key { |check| ProcessConditions.find(check) }
      @children&.check(app_name)
    end

    def export
      { name: @name.to_s, symbol: @name.is_a?(Symbol), where: @place,
        group: @group_of_record.nil? ? nil : @group_of_record.to_s,
        attributes: @attributes, places: @places, checks: exported_checks,
        children: @children&.export }
    end

    # The checks as the host of custom checks wants them: name => options.
    def custom_watches
      @watches.reject { |check, _| ProcessConditions.builtin?(check) }
    end

    private

    def set(key, value)
      @attributes[key] = value
      @places[key] = Recorder.place
    end

    def exported_checks
      @watches.map do |check, options|
        { name: check.to_s, where: @places["checks:#{check}"],
          kind: ProcessConditions.kind(check), options: options }
      end
    end
  end

  # What `monitor_children` describes: a template for each child.
  class ChildProxy < ProcessProxy
    def check(_app_name)
      @watches.each_key { |name| ProcessConditions.find(name) }
      return if @attributes[:stop_command]

      Recorder.refuse("Invalid child process monitor for #{@name}\n" \
                      'You must specify a stop command to monitor child processes.')
    end

    def export
      { attributes: @attributes, places: @places, checks: exported_checks }
    end
  end

  # The objections that Bluepill has to a process, in its order and with its words.
  module Validation
    module_function

    def check(process, group, app_name)
      check_name(process, group, app_name)
      unless process.attributes[:start_command]
        Recorder.refuse("You must specify a start_command for '#{process.name}'")
      end
      check_pid_file(process)
      check_stop_signals(process.attributes)
    end

    def check_name(process, group, app_name)
      key = [app_name, group, process.name]
      if Recorder.process_keys.key?(key)
        suffix = group ? " in the group '#{group}'" : ''
        Recorder.refuse("You have two entries for the process name '#{process.name}'#{suffix}")
      end
      Recorder.process_keys[key] = true
    end

    def check_pid_file(process)
      pid_file = process.attributes[:pid_file].to_s.strip
      if Recorder.pid_files.key?(pid_file)
        Recorder.refuse("You have two entries with the pid file: #{pid_file}")
      end
      Recorder.pid_files[pid_file] = true
    end

    def check_stop_signals(attributes)
      signals = attributes[:stop_signals]
      return if signals.nil?

      total = 0
      signals = [signals].flatten
      signals.each_with_index do |element, position|
        if position.even?
          check_signal(element, position)
        else
          check_delay(element, position)
          total += element
        end
      end
      refuse_signals('Expected an odd number of elements.') if signals.size.even?
      grace = attributes[:stop_grace_time]
      return unless grace.nil? || grace <= total

      Recorder.refuse('Stop_grace_time should be greater than the sum of stop_signals delays!')
    end

    def check_signal(element, position)
      return if element.is_a?(Symbol)

      refuse_signals("Expected a symbol (signal) at position #{position} instead of '#{element}'.")
    end

    def check_delay(element, position)
      return if element.is_a?(Integer)

      refuse_signals("Expected a number (delay) at position #{position} instead of '#{element}'.")
    end

    def refuse_signals(why)
      Recorder.refuse("Invalid stop_signals!  #{why}")
    end
  end
end

require_relative 'extensions'
require_relative 'conditions'

module Bluepill
  module Recorder
    START_DIRECTORY = Dir.pwd.freeze
    descriptor = ENV.delete('REEVE_PILL_FD')
    RECORDS = !descriptor.nil?
    # Programs that the pill starts must not keep the reader waiting.
    IO.for_fd(descriptor.to_i, 'wb', autoclose: false).close_on_exec = true if descriptor
    # Registered before the pill's own, so that it runs after them.
    at_exit { hand_over(descriptor.to_i) } if descriptor
  end
end
