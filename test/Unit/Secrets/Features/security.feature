Feature: Keeping a loaded secret safe
  A secret shows up in no text, leaves no copy behind, and comes only from a path that was checked.

  @SM-SEC-5002 @SEC-SECRET-010 @SEC-SECRET-011
  Scenario: A secret has no printable form
    Given a secret file containing "secret-token"
    When I load the secret from file
    Then the operation should succeed
    And the secret should not be logged

  @SM-SEC-5001 @SEC-SECRET-014 @SEC-SECRET-015
  Scenario: A released secret is overwritten
    Given a secret file containing "secret-token"
    When I load the secret from file
    Then the operation should succeed
    And the secret should be zeroized on drop

  @SM-SEC-5002 @SEC-SECRET-012
  Scenario: A failed verification tells nothing
    Given a secret file containing "secret-token-abc123"
    When I verify the secret with "wrong-token"
    Then the verification should fail
    And the secret should not be logged

  @SM-SEC-5004 @SEC-SECRET-020 @SEC-SECRET-024
  Scenario: The path is checked before the file is read
    Given a secret file at "/etc/candlefish/secrets/api-token"
    And a secret file with permissions 384
    When I load the secret from file
    Then the operation should succeed

  @SM-SEC-5005 @SEC-SECRET-023
  Scenario: A link inside the allowed root is resolved and checked
    Given a secret file at "/etc/candlefish/secrets/symlink-to-token"
    When I load the secret from file
    Then the operation should succeed
