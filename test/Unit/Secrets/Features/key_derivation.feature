Feature: Deriving keys from a token
  One token gives one key per domain, always the same.

  @SM-LOAD-4003 @SEC-SECRET-040 @SEC-SECRET-041 @SEC-SECRET-042
  Scenario: A token and a domain give a key
    Given a token "test-worker-token"
    And a domain "llorch-seal-key-v1"
    When I derive a key from the token
    Then the operation should succeed
    And the derived key should be 32 bytes

  @SM-LOAD-4003-R5 @SEC-SECRET-043
  Scenario: The same inputs give the same key
    Given a token "test-worker-token"
    And a domain "llorch-seal-key-v1"
    When I derive a key from the token
    Then the operation should succeed
    And the derived key should be deterministic

  @SEC-SECRET-041 @SEC-SECRET-044
  Scenario: Two domains give two keys
    Given a token "test-worker-token"
    And a domain "llorch-seal-key-v1"
    And a domain "llorch-seal-key-v2"
    When I derive a key from the token
    Then the operation should succeed
    And the derived keys should differ

  @SM-TEST-4003-T4
  Scenario: An empty token is refused
    Given a token ""
    And a domain "llorch-seal-key-v1"
    When I derive a key from the token
    Then the operation should fail
    And the error should be "InvalidFormat"

  @SEC-SECRET-041
  Scenario: A missing domain is refused
    Given a token "test-worker-token"
    When I derive a key from the token
    Then the operation should fail
    And the error should be "KeyDerivation"
