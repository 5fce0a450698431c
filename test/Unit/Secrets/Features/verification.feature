Feature: Verifying a candidate against a secret
  The answer is yes or no, and the time it takes does not tell how much was right.

  @SM-TYPE-3002-R4 @SEC-SECRET-030
  Scenario: The same text verifies
    Given a secret file containing "correct-token"
    When I verify the secret with "correct-token"
    Then the verification should succeed

  @SM-TYPE-3002-R4 @SEC-SECRET-030
  Scenario: Another text does not verify
    Given a secret file containing "correct-token"
    When I verify the secret with "wrong-token"
    Then the verification should fail

  @SM-SEC-5003 @SEC-SECRET-033
  Scenario: A text of another length does not verify
    Given a secret file containing "short"
    When I verify the secret with "much-longer-token"
    Then the verification should fail

  @SM-SEC-5003 @SEC-SECRET-031 @SEC-SECRET-032
  Scenario: A difference at the start does not verify
    Given a secret file containing "correct-token-abc"
    When I verify the secret with "wrong-token-abc"
    Then the verification should fail

  @SM-SEC-5003 @SEC-SECRET-031 @SEC-SECRET-032
  Scenario: A difference at the end does not verify
    Given a secret file containing "correct-token-abc"
    When I verify the secret with "correct-token-xyz"
    Then the verification should fail
