Feature: Loading secrets from files and credentials
  A service takes its secrets from private files. Whatever looks unsafe is refused before a byte is read.

  @SM-LOAD-4001 @SEC-SECRET-020
  Scenario: A private file is loaded
    Given a secret file at "/etc/candlefish/secrets/api-token"
    And a secret file with permissions 384
    And a secret file containing "test-secret-token"
    When I load the secret from file
    Then the operation should succeed

  @SM-SEC-5004 @SEC-SECRET-021
  Scenario: A file that everyone can read is refused
    Given a secret file at "/etc/candlefish/secrets/api-token"
    And a secret file with permissions 420
    When I load the secret from file
    Then the operation should fail
    And the operation should reject world-readable files

  @SM-SEC-5004 @SEC-SECRET-021
  Scenario: A file that its group can read is refused
    Given a secret file at "/etc/candlefish/secrets/api-token"
    And a secret file with permissions 416
    When I load the secret from file
    Then the operation should fail
    And the operation should reject group-readable files

  @SM-LOAD-4001-R5
  Scenario: An empty file is refused
    Given a secret file at "/etc/candlefish/secrets/api-token"
    And a secret file containing ""
    When I load the secret from file
    Then the operation should fail
    And the error should be "InvalidFormat"

  @SM-SEC-5005 @SEC-SECRET-024
  Scenario: A path that climbs out of the allowed root is refused
    Given a secret file at "../../../etc/passwd"
    When I load the secret from file
    Then the operation should fail
    And the operation should reject path traversal

  @SM-LOAD-4002 @SEC-SECRET-050
  Scenario: A credential of systemd is loaded
    Given a systemd credential "api_token"
    When I load from systemd credential
    Then the operation should succeed

  @LIB-19
  Scenario: A file beyond the size limit is refused
    Given a secret file at "/etc/candlefish/secrets/api-token"
    And a secret file containing 2MB of data
    When I load the secret from file
    Then the operation should fail
    And the error should be "InvalidFormat"

  @SEC-SECRET-050
  Scenario: A credential name with other characters is refused
    Given a systemd credential "api@token"
    When I load from systemd credential
    Then the operation should fail
    And the error should be "PathValidationFailed"

  @SEC-SECRET-051
  Scenario: A relative credentials directory is refused
    Given CREDENTIALS_DIRECTORY is set to "relative/path"
    And a systemd credential "api_token"
    When I load from systemd credential
    Then the operation should fail
    And the error should be "PathValidationFailed"
