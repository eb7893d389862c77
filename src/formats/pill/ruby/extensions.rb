# frozen_string_literal: true

# What a pill could count on because Bluepill had loaded ActiveSupport and parts of Ruby's library:
# sizes, durations and a few words on objects, strings and hashes. Where the project loads the real
# ActiveSupport, that one wins.

{ seconds: 1, minutes: 60, hours: 3600, days: 86_400, weeks: 604_800, fortnights: 1_209_600,
  bytes: 1, kilobytes: 1 << 10, megabytes: 1 << 20, gigabytes: 1 << 30, terabytes: 1 << 40,
  petabytes: 1 << 50, exabytes: 1 << 60 }.each do |plural, factor|
  [plural, plural.to_s.chomp('s').to_sym].each do |word|
    Numeric.class_eval { define_method(word) { self * factor } unless method_defined?(word) }
  end
end

class Numeric
  def ago(time = Time.now)
    time - self
  end

  def from_now(time = Time.now)
    time + self
  end
  alias since from_now
  alias until ago
end

class Object
  def blank?
    respond_to?(:empty?) ? empty? : !self
  end

  def present?
    !blank?
  end

  def presence
    self if present?
  end

  def try(name = nil, *args, &block)
    return instance_eval(&block) if name.nil?

    respond_to?(name) ? public_send(name, *args, &block) : nil
  end
end

class NilClass
  def try(*)
    nil
  end
end

class String
  def blank?
    strip.empty?
  end

  def camelize
    split('/').map { |part| part.split('_').map { |w| w[0].to_s.upcase + w[1..].to_s }.join }
              .join('::')
  end
  alias camelcase camelize

  def underscore
    gsub('::', '/').gsub(/([A-Z]+)([A-Z][a-z])/, '\1_\2').gsub(/([a-z\d])([A-Z])/, '\1_\2')
                   .tr('-', '_').downcase
  end

  def constantize
    Object.const_get(self)
  end

  def demodulize
    split('::').last.to_s
  end

  def squish
    strip.gsub(/\s+/, ' ')
  end
end

class Hash
  def symbolize_keys
    transform_keys { |key| key.respond_to?(:to_sym) ? key.to_sym : key }
  end

  def stringify_keys
    transform_keys(&:to_s)
  end

  def reverse_merge(other)
    other.merge(self)
  end

  def reverse_merge!(other)
    replace(reverse_merge(other))
  end
  alias with_defaults reverse_merge

  def with_indifferent_access
    copy = stringify_keys
    copy.default_proc = proc { |hash, key| key.is_a?(Symbol) ? hash[key.to_s] : nil }
    copy
  end
end

class Array
  def extract_options!
    last.is_a?(Hash) ? pop : {}
  end
end

# Parts of Ruby's library that Bluepill itself had loaded.
{ Logger: 'logger', Etc: 'etc', Syslog: 'syslog', Timeout: 'timeout', Shellwords: 'shellwords',
  Tempfile: 'tempfile', FileUtils: 'fileutils', OptionParser: 'optparse', URI: 'uri',
  Net: 'net/http', Benchmark: 'benchmark', Singleton: 'singleton' }.each do |name, library|
  Object.autoload(name, library) unless Object.const_defined?(name)
end

module Kernel
  alias reeve_require require
  private :reeve_require

  # The gem itself is not there, and need not be; ActiveSupport is used where it is installed.
  def require(name)
    text = name.respond_to?(:to_path) ? name.to_path : name.to_str
    return false if text == 'bluepill' || text.start_with?('bluepill/')

    reeve_require(name)
  rescue LoadError
    raise unless text && text.match?(%r{\A(active_support|activesupport|rubygems)(/|\z)})

    false
  end
  private :require

  def gem(name, *)
    return true if %w[bluepill activesupport].include?(name)

    super if defined?(super)
  end
  private :gem
end
