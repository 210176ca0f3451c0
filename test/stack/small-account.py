"""Starts ministack as an account with Lambda's smallest quota, 10 executions at once. AWS refuses every reservation there."""

from ministack.app import main
from ministack.services.cloudformation import provisioners

QUOTA = 10
UNRESERVED = 10

functions = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
create = functions["create"]


def create_within_quota(logical_id, properties, stack):
    reserved = int(properties.get("ReservedConcurrentExecutions", 0))
    if QUOTA - reserved < UNRESERVED:
        raise ValueError(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}]. "
            "(Service: Lambda, Status Code: 400)"
        )
    return create(logical_id, properties, stack)


functions["create"] = create_within_quota
main()
