"""EnterpriseData, the universal exchange of 1C («синхронизация данных через универсальный формат»), versions 1.3 to 1.21, from a folder.

The objects of the format have one shape whatever configuration sent them; they go into the streams of 1C. We answer a message by the
receipt number that 1C waits for, when we are told to.
"""
